@echo off
rem Starts Cockpit on a Windows PC that has Python 3.11 or newer and nothing else; everything it makes stays in this folder.
rem   cockpit               the cockpit at http://127.0.0.1:8050
rem   cockpit serve --demo  the same with the demo shop
rem   cockpit test          the test suite
setlocal enableextensions
set "ROOT=%~dp0"
set "OWN=%ROOT%.cockpit"
set "VENV=%ROOT%.venv"
set "UV_PYTHON_DOWNLOADS=never"
set "UV_LINK_MODE=copy"
set "PYTHONUTF8=1"
set "VIRTUAL_ENV="
set "UV_PROJECT_ENVIRONMENT="
set "WHAT=run"
if /i "%~1"=="test" set "WHAT=test"

set "STAMP=%OWN%\stamp-%WHAT%"
if not exist "%VENV%\Scripts\python.exe" goto prepare
if not exist "%STAMP%" goto prepare
fc /b "%STAMP%" "%ROOT%uv.lock" >nul 2>nul
if errorlevel 1 goto prepare
goto start

:prepare
if exist "%OWN%\uv\Scripts\uv.exe" goto sync
set "PYTHON="
for %%P in ("py -3.13" "py -3.12" "py -3.11" "py -3.14" "py -3" "python3" "python") do call :try_python %%~P
if not defined PYTHON (
    echo Cockpit needs Python 3.11 or newer and found none. Install it from python.org or the Microsoft Store, then start again. 1>&2
    exit /b 1
)
echo First start: preparing .cockpit and .venv ^(about a minute^) ... 1>&2
if not exist "%OWN%" mkdir "%OWN%"
%PYTHON% -m venv "%OWN%\uv" || exit /b 1
"%OWN%\uv\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check "uv>=0.9" || (
    echo Installing uv failed. Check the network and start again. 1>&2
    exit /b 1
)
"%OWN%\uv\Scripts\python.exe" -c "import sys; print(sys._base_executable)" > "%OWN%\python"

:sync
set /p BASE=<"%OWN%\python"
set "GROUPS=--no-dev --inexact"
if "%WHAT%"=="test" set "GROUPS=--group dev"
"%OWN%\uv\Scripts\uv.exe" sync --frozen --quiet --project "%ROOT%." --python "%BASE%" %GROUPS% || (
    echo Installing the packages failed: see above. Check the network and start again. 1>&2
    exit /b 1
)
copy /y /b "%ROOT%uv.lock" "%STAMP%" >nul

:start
if "%WHAT%"=="test" goto test
"%VENV%\Scripts\python.exe" "%ROOT%app.py" %*
exit /b %errorlevel%

:test
set "ARGS="
:next_argument
shift /1
if "%~1"=="" goto run_tests
set ARGS=%ARGS% "%~1"
goto next_argument
:run_tests
cd /d "%ROOT%"
if not defined COCKPIT_CHROMIUM (
    for %%B in ("%ProgramFiles%\Google\Chrome\Application\chrome.exe" "%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe") do if exist %%B set "COCKPIT_CHROMIUM=%%~B"
)
"%VENV%\Scripts\python.exe" -m pytest -n 2 --dist loadgroup %ARGS%
exit /b %errorlevel%

:try_python
if defined PYTHON exit /b 0
%* -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "PYTHON=%*"
exit /b 0
