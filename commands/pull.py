"""`pull SOURCE`: ask one platform API now."""

from __future__ import annotations

import connectors
from commands.arguments import moment
from commands.load import report_table, reports_json
from commands.outcome import Call, Outcome


def pull(call: Call) -> Outcome:
    """One pull of one configured source; `--since` reaches back further than the cursor."""
    since = call.args.get("since")
    reports = connectors.pull(
        call.settings,
        call.context.warehouse,
        call.args["source"],
        since=moment(str(since), "since") if since else None,
    )
    if call.args.get("json"):
        return Outcome(reports_json(reports))
    return Outcome(report_table(call, reports) if reports else call.text("pull.nothing"))
