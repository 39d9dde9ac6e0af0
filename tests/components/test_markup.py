"""What the first answer shows before any script runs, and how blocks become single elements."""

from html.parser import HTMLParser

import pytest
from dash import dcc, html

from components import early, first, markup
from components.page import Block, Page
from tests.components.made import view

NASTY = "<script>alert(1)</script> & \"quoted\" 'too'"


class _Reader(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(told)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_texts_and_attributes_of_strangers_stay_texts_and_attributes():
    read = _Reader(markup.html_of(html.Div(NASTY, title=NASTY, className="a b", **{"data-x": NASTY})))
    assert read.tags == [("div", {"title": NASTY, "class": "a b", "data-x": NASTY})]
    assert "".join(read.texts) == NASTY


@pytest.mark.parametrize("link", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_a_link_that_runs_a_script_is_no_link(link):
    assert _Reader(markup.html_of(html.A("x", href=link))).tags == [("a", {})]
    assert "href" not in markup.flat(html.A("x", href=link)).attrs


@pytest.mark.parametrize("link", ["/drill/gmv?a=b:c", "?period=today", "https://x.test/", "#main", "mailto:a@b.test"])
def test_links_of_ours_stay(link):
    assert _Reader(markup.html_of(html.A("x", href=link))).tags == [("a", {"href": link})]


def test_styles_are_written_as_the_browser_writes_them():
    told = markup.html_of(html.Span(style={"gridRow": 2, "minHeight": 40, "--count": "6", "width": "12.5%"}))
    assert _Reader(told).tags == [("span", {"style": "grid-row:2;min-height:40px;--count:6;width:12.5%"})]


def test_the_first_html_names_nothing_and_keeps_the_place_of_what_a_script_draws():
    tree = html.Div(
        [dcc.Graph(id="g", style={"height": "208px"}), dcc.Store(id="s"), html.Br()], id="here", hidden=True
    )
    assert markup.html_of(tree) == '<div hidden><div style="height:208px" aria-busy="true"></div><br></div>'


def test_what_no_callback_can_reach_becomes_one_element_and_the_rest_stays():
    graph = dcc.Graph(id="g")
    tree = html.Section([html.Div([html.H2("a"), html.P("b", className="note")]), html.Figure([graph, html.I("c")])])
    done = markup.flat(tree)
    assert isinstance(done, html.Section) and isinstance(done.children[0], markup.Markup)
    assert (done.children[0].tag, done.children[0].html) == ("div", '<h2>a</h2><p class="note">b</p>')
    assert done.children[1].children[0] is graph
    assert markup.html_of(done) == markup.html_of(tree)
    assert isinstance(tree.children[0], html.Div)  # the tree itself is left as it was


def test_an_element_with_an_identifier_stays_a_component():
    done = markup.flat(html.Div([html.Span("x", id="reach-me"), html.Img(src="/a.png", alt="")]))
    assert isinstance(done, html.Div) and done.children[0].id == "reach-me"
    assert (done.children[1].tag, done.children[1].html) == ("img", None)


def _page(*blocks: Block) -> Page:
    return Page(
        id="p", path="/", title="x", layout=lambda _view: html.Div(id="p-shown", className="place"), blocks=blocks
    )


def test_a_page_comes_with_its_blocks_and_hidden_places_for_those_it_leaves_out():
    shown = Block("shown", lambda _view: {}, lambda _view, _found: html.B("42"))
    left_out = Block("left_out", lambda _view: {}, lambda _view, _found: html.B("never"))
    page = _page(shown, left_out)
    inside, waiting = first.complete(view(), page, page.layout(view()))
    assert waiting == []
    assert inside[0].children.children == "42"
    assert {getattr(one, "id", None) for one in inside[1:]} == {"p-left_out", "p-turn"}
    assert "never" not in markup.html_of(inside)


def test_the_early_picture_stands_where_the_numbers_are():
    line = {"color": "#123456", "width": 2}
    figure = {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": ["2026-11-01T00:00:00", "2026-11-01T12:00:00", "2026-11-01T18:00:00", "2026-11-02T00:00:00"],
                "y": [0.0, 50.0, None, 100.0],
                "line": line,
            }
        ],
        "layout": {
            "xaxis": {"range": ["2026-11-01T00:00:00", "2026-11-02T00:00:00"], "tickformat": "%H:%M"},
            "yaxis": {"range": [0.0, 100.0], "tickvals": [0.0, 50.0], "ticktext": ["0", "50"]},
            "shapes": [],
            "annotations": [],
            "margin": {"l": 8, "r": 92, "t": 12, "b": 20},
        },
    }
    plot = early.picture(figure, "light").children
    drawn = plot.style["backgroundImage"]
    assert "M0.0 1000.0L500.0 500.0" in drawn.replace("%20", " ")
    assert "L1000.0" not in drawn  # an unknown value breaks the line
    tops = {one.children: one.style["top"] for one in plot.children if one.className == "early-y"}
    assert tops == {"0": "100.00%", "50": "50.00%"}
    times = [one.children for one in plot.children if one.className == "early-x"]
    assert times == ["00:00", "06:00", "12:00", "18:00", "00:00"]


def test_what_cannot_be_written_is_left_to_dash_and_not_cut_down():
    choice = html.Select([html.Option("自动识别", value=""), html.Option("JD", value="jd")])
    assert markup.flat(choice).html == '<option value="">自动识别</option><option value="jd">JD</option>'
    for odd in (html.Progress(max=7), html.Div("x", n_clicks=0), html.Label("x", key="k")):
        assert type(markup.flat(odd)) is type(odd)
