"""Rules on catalogue metrics, their evaluation, and the life of what they find.

`evaluate` runs one round; `active`, `history`, `badge` and `for_metrics` are what screens read; `acknowledge`,
`silence` and `save_rule` are what people do. A value comes from `metrics.query`; there is no SQL over facts here.
"""

from alerts.evaluate import evaluate
from alerts.hindsight import Hindsight, hindsight
from alerts.people import acknowledge, check_rule, enable_rule, remove_rule, save_rule, silence
from alerts.rules import kinds
from alerts.store import events, incident, last_evaluation, prune, rule, rules
from alerts.suggest import offer
from alerts.trial import trial
from alerts.types import Event, Incident, Rule
from alerts.view import active, badge, for_metrics, history, plain, visible

__all__ = [
    "Event",
    "Hindsight",
    "Incident",
    "Rule",
    "acknowledge",
    "active",
    "badge",
    "check_rule",
    "enable_rule",
    "evaluate",
    "events",
    "for_metrics",
    "hindsight",
    "history",
    "incident",
    "kinds",
    "last_evaluation",
    "offer",
    "plain",
    "prune",
    "remove_rule",
    "rule",
    "rules",
    "save_rule",
    "silence",
    "trial",
    "visible",
]
