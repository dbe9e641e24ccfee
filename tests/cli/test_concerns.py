"""What a person should see to about an account: found once, then shown as long as it holds."""

from __future__ import annotations

from archiver.flows import accounts
from tests.cli.terminal import run
from tests.demo.mastodon import ACCOUNT, staged
from tests.edges.store_helpers import memory_folder


def test_concerns_are_findings_once_and_shown_with_what_to_do() -> None:
    """A lost scope and a take-over: capture says so and exits with 1; the next one does not."""
    with memory_folder() as folder, staged(folder, most=40) as stage:
        stage.capture("backfill")
        shown = run(folder, "account", "show", ACCOUNT, "--json").document["data"]
        assert (shown["login"]["scopes"], shown["concerns"]) == (["read"], [])
        town = stage.town
        town.describe("Buy coins")
        town.post(town.city.id, "Coins!").client = "CoinBot"
        lost = ["read:blocks", "read:mutes", "read:filters"]
        stage.service.scopes = [
            "read:accounts", "read:statuses", "read:notifications", "read:favourites",
            "read:follows",
        ]  # fmt: skip
        accounts.renew_credential(stage.archive, ACCOUNT, {"token": stage.service.token})
        ran = run(folder, "capture", "--json")
        assert ran.code == 1
        codes = [one["code"] for one in ran.document["findings"]]
        signs = ["account-client-unknown", "account-profile-changed"]
        assert [one for one in codes if one != "file-lacking"] == [
            *["credential-scope-lost"] * 3, *signs,
        ]  # fmt: skip
        assert run(folder, "capture", "--json").code == 0
        (account,) = run(folder, "status", "--json").document["data"]["accounts"]
        assert [one["code"] for one in account["concerns"]] == [
            *["credential-scope-lost"] * 3, *signs,
        ]  # fmt: skip
        shown = run(folder, "account", "show", ACCOUNT, "--json").document["data"]
        assert sorted(shown["login"]["lacking"]) == sorted(lost)
        assert shown["concerns"] == account["concerns"]
        for command in (("status",), ("account", "show", ACCOUNT)):
            words = " ".join(run(folder, *command).text.split())
            assert "a program that never sent a post for it has sent one: CoinBot" in words
            assert "grant read:mutes at the platform" in words
        checks = run(folder, "doctor", "--json").document["data"]["checks"]
        (check,) = [one for one in checks if one["name"].startswith("the login of")]
        assert (check["held"], check["needed"]) == (False, False)
        assert "the login has lost read:blocks, which moderation need" in check["detail"]
