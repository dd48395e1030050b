"""The list on a terminal: its keys, and the screen of its own that it has while it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.data_structures import Size
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.styles import Style

from scaffolder.layout import Screen
from scaffolder.messages import Say
from scaffolder.picker.listing import Listing
from scaffolder.picker.page import Page
from scaffolder.picker.view import Heights, View
from scaffolder.selection import Back, Selection

STYLES = {
    "title": "bold",
    "chapter": "bold",
    "current": "fg:ansicyan bold",
    "chosen": "fg:ansigreen",
    "along": "fg:ansigreen",
    "blocked": "dim",
    "faint": "dim",
    "label": "dim",
    "name": "fg:ansicyan",
    "news": "bold",
    "keys": "fg:ansicyan",
}

ESCAPE_SECONDS = 0.1
"""How long what follows Esc may take to still be one key with it, such as an arrow."""

HELP = ("?", "？")
TOGGLES = (" ", "\u3000")
"""Also as an input method for Japanese types them."""

Action = Callable[[], None]


def run(
    selection: Selection,
    say: Say,
    screen: Screen,
    input: Input | None = None,
    output: Output | None = None,
) -> None:
    """Show the list until the user accepts it. The terminal is left as it was, however it ends.

    Raises:
        Back: by Esc or Ctrl-B.
        KeyboardInterrupt: by Ctrl-C or Ctrl-D, or the input ended.
    """
    picker = _Picker(Listing(selection), say, screen)
    application: Application[None] = Application(
        layout=Layout(Window(FormattedTextControl(picker.text, show_cursor=True))),
        key_bindings=picker.bindings(),
        style=Style(list(STYLES.items()) if screen.styled else []),
        color_depth=None if screen.styled else ColorDepth.DEPTH_1_BIT,
        full_screen=True,
        input=input,
        output=output,
    )
    application.ttimeoutlen = ESCAPE_SECONDS
    try:
        application.run()
    except EOFError:
        raise KeyboardInterrupt from None


class _Picker:
    """The list, or the page that is open above it."""

    def __init__(self, listing: Listing, say: Say, screen: Screen) -> None:
        self._listing = listing
        self._view = View(listing, say)
        self._page: Page | None = None
        self._say = say
        self._screen = screen
        self._failed = False

    def text(self) -> StyleAndTextTuples:
        """The whole screen. What goes wrong here ends the list."""
        if self._failed:
            return []
        try:
            return self._drawn(get_app().output.get_size())
        except Exception as error:
            self._failed = True
            get_app().exit(exception=error)
            return []

    def bindings(self) -> KeyBindings:
        """What keys do in the list, on a page, and in both."""
        bindings = KeyBindings()
        paging = Condition(lambda: self._page is not None)
        for actions, where in ((self._list_keys(), ~paging), (self._page_keys(), paging)):
            for key, action in actions.items():
                bindings.add(key, filter=where, eager=True)(self._handler(action))
        for key in ("c-c", "c-d", "<sigint>"):
            bindings.add(key)(self._handler(partial(_leave, KeyboardInterrupt())))
        for key in (Keys.Any, Keys.BracketedPaste):
            bindings.add(key, filter=~paging)(self._typed)
        return bindings

    def _drawn(self, size: Size) -> StyleAndTextTuples:
        if self._page:
            lines = self._page.lines(size.columns, size.rows)
        else:
            lines = [[*line] for line in self._view.lines(size.columns, size.rows)]
        found: StyleAndTextTuples = []
        for number, line in enumerate(lines):
            found += [("", "\n"), *line] if number else line
        return found

    def _list_keys(self) -> dict[str, Action]:
        listing = self._listing
        farthest = len(listing.selection.rows())
        return {
            "up": partial(listing.move, -1),
            "c-p": partial(listing.move, -1),
            "down": partial(listing.move, 1),
            "c-n": partial(listing.move, 1),
            "pageup": lambda: listing.move(-_screenful()),
            "pagedown": lambda: listing.move(_screenful()),
            "home": partial(listing.move, -farthest),
            "end": partial(listing.move, farthest),
            "tab": partial(listing.leap, 1),
            "s-tab": partial(listing.leap, -1),
            **dict.fromkeys(TOGGLES, listing.toggle),
            **dict.fromkeys(HELP, self._open),
            "backspace": lambda: listing.narrow(listing.filter[:-1]),
            "c-u": partial(listing.narrow, ""),
            "enter": lambda: get_app().exit(),
            "escape": lambda: listing.narrow("") if listing.filter else _leave(Back()),
            "c-b": lambda: _leave(Back()),
        }

    def _page_keys(self) -> dict[str, Action]:
        def on(action: Callable[[Page], None]) -> Action:
            return lambda: action(self._page) if self._page else None

        return {
            **dict.fromkeys(("up", "k", "c-p"), on(lambda page: page.scroll(-1))),
            **dict.fromkeys(("down", "j", "c-n"), on(lambda page: page.scroll(1))),
            **dict.fromkeys(("pageup", "b"), on(lambda page: page.leaf(-1))),
            **dict.fromkeys(("pagedown", *TOGGLES), on(lambda page: page.leaf(1))),
            **dict.fromkeys(("home", "g"), on(lambda page: page.jump(end=False))),
            **dict.fromkeys(("end", "G"), on(lambda page: page.jump(end=True))),
            **dict.fromkeys(("q", "escape", "enter", "c-b", *HELP), self._close),
        }

    def _typed(self, event: KeyPressEvent) -> None:
        """Add to the filter; keys that stand for no character have none that is printable."""
        text = "".join(c for c in event.data if c.isprintable())
        if event.key_sequence[0].key is Keys.BracketedPaste or event.data.isprintable():
            self._handler(lambda: self._listing.narrow(self._listing.filter + text))(event)

    def _open(self) -> None:
        if name := self._listing.current:
            self._page = Page(self._listing.selection.catalog, name, self._say, self._screen)

    def _close(self) -> None:
        self._page = None

    def _handler(self, action: Action) -> Callable[[KeyPressEvent], None]:
        """What a key does. What goes wrong ends the list instead of being printed over it."""

        def handle(event: KeyPressEvent) -> None:
            self._listing.last = None
            try:
                action()
            except Exception as error:
                _leave(error)

        return handle


def _leave(error: BaseException) -> None:
    get_app().exit(exception=error)


def _screenful() -> int:
    return max(1, Heights.of(get_app().output.get_size().rows).list - 1)
