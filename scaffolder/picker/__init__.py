"""Choose safeguards from a list that fills the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.layout import Screen, wrap
from scaffolder.messages import Say
from scaffolder.selection import Selection

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output


def pick(
    selection: Selection,
    say: Say,
    screen: Screen,
    *,
    input: Input | None = None,
    output: Output | None = None,
) -> list[str]:
    """Let the user change a selection. One line about the result stays on the screen.

    Args:
        selection: what to start from; it keeps what the user chose, however this ends.
        say: in the user's language.
        screen: whether styles show.
        input: what is typed, if not on the terminal.
        output: where it is shown, if not on the terminal.

    Returns:
        The ids that the user chose, without those that come along.

    Raises:
        Back: by Esc or Ctrl-B.
        KeyboardInterrupt: by Ctrl-C or Ctrl-D, or the input ended.
    """
    from scaffolder.picker.application import run

    run(selection, say, screen, input, output)
    names = say.listed(selection.chosen) or say("made.none")
    print("\n".join(wrap(say("pick.result", names=names), screen.width, "", "  ")))
    return selection.chosen
