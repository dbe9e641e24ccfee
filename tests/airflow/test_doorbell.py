"""The trigger in Airflow's own manager of shared streams: answered once kept, and not before."""

from __future__ import annotations

import pytest

from tests.airflow.conftest import drive
from tests.edges.test_doorbells import sqs_queue

pytestmark = pytest.mark.airflow

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "stand-in",
    "AWS_SECRET_ACCESS_KEY": "stand-in",
    "AWS_DEFAULT_REGION": "us-east-1",
}


AWAY = {
    "": "no doorbell is set",
    "http://127.0.0.1:9/1/doorbell": "can't be reached",
    "amqp://somewhere/else": "not a doorbell",
}


def test_a_ring_is_answered_once_its_event_is_kept(
    bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A triggerer that dies with an event leaves its ring; a queue that is away crashes none."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with sqs_queue() as url:
        done = drive({**bare, **CREDENTIALS}, "ring", url, *AWAY)
    told = done.document
    assert {one["account"] for one in told["died"]} == {"anna"}
    assert told["again"] == [{"account": "anna"}] * 2
    assert told["left"] == told["heard"] == []
    for why in AWAY.values():
        assert done.printed.count(why) == 1, why
