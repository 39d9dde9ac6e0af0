"""The one token table: colours, space, type. Mantine's theme, the Plotly template, AG Grid's theme and the page's CSS
variables are all written from it; nothing else in the product names a colour.

`*_text` are the darker (light theme) or plain (dark theme) shades of a mark's colour that keep WCAG AA (4.5 : 1) as
text.
"""

from __future__ import annotations

from typing import Any, Literal

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

COLOURS: dict[Theme, dict[str, str]] = {
    "light": {
        "bg": "#F5F6F8",
        "surface": "#FFFFFF",
        "halo": "rgba(255,255,255,0.82)",  # behind words on a chart
        "raised": "#F8F9FB",
        "border": "#E4E7EC",
        "grid": "#EDEFF3",
        "text": "#14181F",
        "muted": "#5D6779",
        "faint": "#98A2B3",
        "today": "#2F6BFF",
        "today_text": "#1F57E0",
        "today_soft": "#EAF0FF",
        "today_fill": "rgba(47,107,255,0.10)",
        "comparison": "#A6B0BF",
        "target": "#C98A00",
        "target_text": "#8A5F00",
        "red": "#E5484D",
        "red_text": "#C9282D",
        "green": "#2E9E6B",
        "green_text": "#17774B",
        "warning": "#B76E00",
        "warning_text": "#935800",
        "warning_soft": "#FFF3DC",
        "critical": "#C8102E",
        "critical_text": "#C8102E",
        "critical_soft": "#FDECEE",
        "on_critical": "#FFFFFF",
        "ok": "#2E9E6B",
        "hatch": "#C9CFD8",
        "skeleton": "#EDEFF3",
        "shadow": "0 8px 24px rgba(20,24,31,0.10)",
    },
    "dark": {
        "bg": "#0A0E15",
        "surface": "#111826",
        "halo": "rgba(17,24,38,0.82)",
        "raised": "#172032",
        "border": "#1D2637",
        "grid": "#1A2334",
        "text": "#E8EDF5",
        "muted": "#8A97AB",
        "faint": "#5B6678",
        "today": "#4C8DFF",
        "today_text": "#6FA3FF",
        "today_soft": "#16264A",
        "today_fill": "rgba(76,141,255,0.14)",
        "comparison": "#5B6678",
        "target": "#E2B341",
        "target_text": "#E2B341",
        "red": "#FF6B6B",
        "red_text": "#FF7F7F",
        "green": "#3DD68C",
        "green_text": "#3DD68C",
        "warning": "#F5A524",
        "warning_text": "#F5A524",
        "warning_soft": "#33270F",
        "critical": "#FF3B4E",
        "critical_text": "#FF6674",
        "critical_soft": "#3A1219",
        "on_critical": "#14060A",
        "ok": "#3DD68C",
        "hatch": "#33405A",
        "skeleton": "#1A2334",
        "shadow": "0 8px 24px rgba(0,0,0,0.45)",
    },
}

SERIES: dict[Theme, tuple[str, ...]] = {  # at most six hues
    "light": ("#2F6BFF", "#0E9384", "#C98A00", "#7A5AF8", "#DD2590", "#667085"),
    "dark": ("#4C8DFF", "#2ED3B7", "#E2B341", "#9B8AFB", "#F670C7", "#8A97AB"),
}

SHADES = ("#EAF0FF", "#D3E0FF", "#A7C1FF", "#79A0FF", "#4C8DFF", "#3B7AFF", "#2F6BFF", "#1F57E0", "#1746B8", "#0F3590")
"""Mantine wants ten; the tone is carried by index 6 (light) and 4 (dark)."""

FONT = (
    '"Inter", -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", '
    '"Noto Sans CJK SC", "Source Han Sans SC", sans-serif'
)
MONO = 'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace'
SPACE = 4
RADIUS = 8
TEXT, LABEL, TITLE, VALUE = 13, 12, 15, 25


def css() -> str:
    """The CSS variables of both themes, for the `<style>` of the page's head."""
    parts = [
        f":root{{--font:{FONT};--mono:{MONO};--radius:{RADIUS}px;--text-size:{TEXT}px;--label-size:{LABEL}px;"
        f"--title-size:{TITLE}px;--value-size:{VALUE}px}}"
    ]
    for theme in THEMES:
        body = ";".join(f"--{name.replace('_', '-')}:{value}" for name, value in COLOURS[theme].items())
        series = ";".join(f"--series-{i}:{value}" for i, value in enumerate(SERIES[theme]))
        parts.append(f':root[data-theme="{theme}"]{{color-scheme:{theme};{body};{series}}}')
    for colour, other in (("red", "green"), ("green", "red")):
        parts.append(
            f':root[data-rise="{colour}"]{{--rise:var(--{colour});--rise-text:var(--{colour}-text);'
            f"--fall:var(--{other});--fall-text:var(--{other}-text)}}"
        )
    return "".join(parts)


def rise_fall(theme: Theme, rise: str) -> tuple[str, str]:
    """The colours of marks that rise and fall; `rise` is 'red' (China) or 'green'."""
    table = COLOURS[theme]
    return (table["red"], table["green"]) if rise == "red" else (table["green"], table["red"])


def mantine_theme() -> dict[str, Any]:
    """Mantine's theme object; colours that change with the theme are CSS variables in assets/cockpit.css."""
    return {
        "primaryColor": "today",
        "primaryShade": {"light": 6, "dark": 4},
        "colors": {"today": list(SHADES)},
        "fontFamily": FONT,
        "fontFamilyMonospace": MONO,
        "defaultRadius": RADIUS,
        "fontSizes": {"xs": "12px", "sm": "13px", "md": "13px", "lg": "15px"},
        "spacing": {"xs": "4px", "sm": "8px", "md": "12px", "lg": "16px", "xl": "24px"},
        "cursorType": "pointer",
        "respectReducedMotion": True,
    }


def _axis(table: dict[str, str]) -> dict[str, Any]:
    return {
        "gridcolor": table["grid"],
        "linecolor": table["border"],
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"color": table["muted"], "size": LABEL},
        "title": {"text": ""},
        "automargin": True,
        "fixedrange": True,
    }


def plotly_template(theme: Theme) -> dict[str, Any]:
    """A Plotly template as a plain dict: goes into `layout.template` of a figure dict."""
    table = COLOURS[theme]
    return {
        "layout": {
            "colorway": list(SERIES[theme]),
            "font": {"family": FONT, "size": LABEL, "color": table["text"]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 4},
            "xaxis": {**_axis(table), "showgrid": False},
            "yaxis": _axis(table),
            "hoverlabel": {
                "bgcolor": table["raised"],
                "bordercolor": table["border"],
                "font": {"color": table["text"], "family": FONT, "size": LABEL},
            },
            "hovermode": "x unified",
            "showlegend": False,
            "dragmode": False,
            "separators": ".,",
        }
    }


def grid_theme() -> dict[str, str]:
    """AG Grid's theme over the page's CSS variables, so that it follows light and dark by itself."""
    params = {
        "accentColor": "var(--today)",
        "backgroundColor": "var(--surface)",
        "foregroundColor": "var(--text)",
        "borderColor": "var(--border)",
        "chromeBackgroundColor": "var(--surface)",
        "headerBackgroundColor": "var(--surface)",
        "headerTextColor": "var(--muted)",
        "rowHoverColor": "var(--raised)",
        "oddRowBackgroundColor": "var(--surface)",
        "fontFamily": "var(--font)",
        "menuBackgroundColor": "var(--surface)",
        "inputBackgroundColor": "var(--surface)",
    }
    body = ",".join(f"{name}:'{value}'" for name, value in params.items())
    numbers = (
        f"fontSize:{TEXT},headerFontSize:{LABEL},headerFontWeight:500,spacing:6,rowHeight:34,headerHeight:34,"
        "wrapperBorder:false,wrapperBorderRadius:0,columnBorder:false,headerColumnBorder:false"
    )
    return {"function": f"themeQuartz.withParams({{{body},{numbers}}})"}
