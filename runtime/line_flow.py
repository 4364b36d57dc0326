"""Where each line of a record stands, what can be done with it and why not the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from markupsafe import Markup, escape

from ..platform.definition.flow import StatusList, Transition
from ..platform.definition.model import say
from ..platform.workflow.judge import Option
from .line_items import Line

BADGE = Markup('<span class="badge hue-{}">{}</span>')
TONES = {"main": " primary", "danger": " danger"}


class LineFlow:
    """The lines of one `rows` field. `options` are those of each line by its id; `explain` says why one cannot be
    taken, and `address` where it is asked about.
    """

    def __init__(
        self,
        key: str,
        statuses: StatusList,
        options: Mapping[int, list[Option]],
        explain: Callable[[Option], tuple[str, str]],
        address: Callable[[Transition, int], str],
        language: str,
    ):
        self.key = key
        self.statuses = statuses
        self.options = options
        self.explain = explain
        self.address = address
        self.language = language

    def drawn(self, line: Line, named: str) -> Markup:
        """The line's status; it unfolds to buttons and reasons. named: the id of what says which line it is."""
        status = self.statuses.by_key.get(line.status or "")
        if status is None:
            return Markup("")
        badge = BADGE.format(status.colour, say(status.label, self.language))
        options = [option for option in self.options.get(line.id, ()) if not option.transition.automatic]
        if not options:
            return badge
        buttons = Markup("").join(self._button(line, option.transition, named) for option in options if option.allowed)
        reasons = Markup("").join(self._reason(option) for option in options if not option.allowed)
        unfolds = Markup('<span class="seen">{}</span>').format(_("What can be done with this line"))
        return Markup('<details class="ways"><summary aria-describedby="{}">{}{}</summary><div>{}{}</div></details>').format(
            named, badge, unfolds, buttons, reasons
        )

    def _button(self, line: Line, transition: Transition, named: str) -> Markup:
        asks = Markup(' data-question="{}"').format(self.address(transition, line.id)) if transition.halts else ""
        more = Markup('<span aria-hidden="true"> …</span>') if transition.halts else ""
        label, tone = say(transition.label, self.language), TONES.get(transition.tone, "")
        return Markup(
            '<button class="button{}" form="record" name="then" value="{}.{}.{}" aria-describedby="{}"{}>{}{}</button>'
        ).format(tone, self.key, line.id, transition.key, named, asks, escape(label), more)

    def _reason(self, option: Option) -> Markup:
        reason, helpers = self.explain(option)
        said = _("%(roles)s can help.", roles=helpers) if helpers else ""
        label = say(option.transition.label, self.language)
        return Markup('<p class="small"><b>{}</b> {} {}</p>').format(label, reason, said)
