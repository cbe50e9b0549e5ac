using System.Text.Json;
using Microsoft.Playwright;
using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>What a person sees of upkeep, in a real browser.</summary>
public sealed class UpkeepPageTests(Chromium chromium)
{
    private static readonly Failure s_shrunk = new("mailbox-shrunk", "ben has lost 800 of 1,000 messages.", "Look at the mailbox.");

    [Fact]
    public async Task A_job_shows_when_its_mailboxes_were_proved_restorable_and_its_upkeep_what_is_wrong()
    {
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) =>
            {
                var now = TimeProvider.System.GetUtcNow();
                catalogue.Replace(
                    UpkeepJobs.With([
                        JobFile.Parse(
                            """
                            {
                              "kind": "backup", "source": { "host": "old.example.org", "password": "env:SECRET" },
                              "archive": { "location": "/srv/mail-archive", "mailbox": "{name}" },
                              "mailboxes": [{ "name": "ada", "source": { "user": "ada" } }, { "name": "ben", "source": { "user": "ben" } },
                                { "name": "carla", "source": { "user": "carla" } }],
                              "upkeep": { "restoreTest": { "mailboxes": 4 }, "check": {}, "prune": { "keepDaily": 7 } }
                            }
                            """,
                            "/etc/migrator/jobs/nightly.json"
                        ),
                    ]),
                    []
                );
                store.Put(
                    new(
                        "nightly.upkeep",
                        "/srv/mail-archive",
                        "/srv/mail-archive",
                        "/srv/mail-archive#upkeep",
                        70,
                        7,
                        MailboxRunState.Partial,
                        1,
                        now,
                        now,
                        now,
                        now,
                        "w-1",
                        "mail-worker-1",
                        null,
                        default,
                        s_shrunk,
                        null,
                        true
                    )
                );
                store.PutReport(
                    70,
                    JsonSerializer.Serialize(
                        new RunReport(
                            "nightly.upkeep",
                            "/srv/mail-archive",
                            "/srv/mail-archive",
                            now,
                            now,
                            RunOutcome.Partial,
                            [],
                            [],
                            [],
                            ["Check: 3 of 9 packs read."],
                            null
                        )
                        {
                            Operation = Operation.Upkeep,
                            Problems = [s_shrunk],
                            Upkeep = new UpkeepResult(
                                [new("ben", now.AddDays(-3), null, true), new("ada", now.AddHours(-5), null, false)],
                                3,
                                1,
                                0,
                                0,
                                0
                            ),
                        },
                        ReportJson.Indented
                    )
                );
            }
        );
        await using var context = await chromium.OpenAsync();
        var page = await context.NewPageAsync();
        SetDefaultExpectTimeout(20_000);

        await page.GotoAsync($"{host.Url}/jobs/nightly");
        await Expect(page.Locator(".facts").First).ToContainTextAsync("2 of 3 mailboxes, the oldest 3 d ago");
        var rows = page.Locator(".mailboxes tbody tr:has(td.lead)");
        await Expect(rows.Filter(new() { HasText = "ada" }).Locator("td[data-label='Proved restorable']")).ToContainTextAsync("5 h ago");
        await Expect(rows.Filter(new() { HasText = "carla" }).Locator("td[data-label='Proved restorable']")).ToHaveTextAsync("never");

        await page.GotoAsync($"{host.Url}/jobs/nightly.upkeep");
        await Expect(page.Locator(".crumb")).ToContainTextAsync("Upkeep");
        await Expect(page.Locator(".mailboxes")).ToContainTextAsync("ben has lost 800 of 1,000 messages.");
        await Expect(page.Locator(".proofs tbody tr").Filter(new() { HasText = "ben" })).ToContainTextAsync("Frozen");
        await Expect(page.Locator(".proofs tbody tr").Filter(new() { HasText = "ada" })).ToContainTextAsync("by its rules");

        await page.GotoAsync($"{host.Url}/runs/70");
        await Expect(page.Locator(".card").First).ToContainTextAsync("mailbox-shrunk");
        await Expect(page.GetByText("Check: 3 of 9 packs read.")).ToBeVisibleAsync();
    }
}
