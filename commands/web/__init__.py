"""The web app put together: sign-on, API, health, the door for commands, headers and compression around the pages."""
