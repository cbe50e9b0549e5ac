using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Service.Notifications;
using Migrator.Tests.Servers;
using MimeKit;
using Xunit;

namespace Migrator.Tests.Notifications;

/// <summary>Who is notified what and when; mail goes over a real SMTP server and is read back over IMAP.</summary>
public sealed class NotificationTests(DovecotFixture servers) : IAsyncLifetime
{
    private static readonly Failure s_refused = new(
        "authentication-failed",
        "Logging in as bob was refused <b>now</b>.",
        "Check the password."
    );

    private readonly NotificationHost _office = new();
    private readonly string _boss = DovecotServer.NewUser("boss");
    private readonly string _admin = DovecotServer.NewUser("admin");
    private SmtpServer _smtp = null!;
    private WebhookReceiver _webhook = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _smtp = await SmtpServer.StartAsync(servers.New);
        _webhook = await WebhookReceiver.StartAsync();
        _office.With(
            ("Mail:From", "Migrator <migrator@example.org>"),
            ("Mail:Host", "localhost"),
            ("Mail:Port", $"{_smtp.Port}"),
            ("Mail:Tls", "starttls"),
            ("Mail:Fingerprint", $"sha256:{_smtp.Fingerprint}"),
            ("Mail:User", SmtpServer.User),
            ("Mail:Password", _office.Secret("smtp", SmtpServer.Password))
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _office.DisposeAsync();
        await _webhook.DisposeAsync();
        await _smtp.DisposeAsync();
    }

    [Fact]
    public async Task A_JobRun_that_failed_is_reported_by_mail_with_everything_that_an_admin_has_to_know()
    {
        var worker = _office.With(("Mail:To", SmtpInbox.AddressOf(_boss)), ("Url", "https://migrator.example/x")).Worker();
        _office.Catalogue.Replace([], []);
        var jobRun = await _office.JobRunAsync("nightly", ("ann", null), ("bob", s_refused));

        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);

        var mail = Assert.Single(await SmtpInbox.ReadAsync(servers.New, _boss));
        Assert.Equal("[Migrator] nightly: 1 of 2 mailboxes complete, 1 not", mail.Subject);
        Assert.Equal(
            ("Migrator <migrator@example.org>", SmtpInbox.AddressOf(_boss)),
            ($"{mail.From}".Replace("\"", ""), mail.To.ToString())
        );
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Equal($"migrator.job_run.{jobRun}.{_office.Time.GetUtcNow().ToUnixTimeMilliseconds()}@example.org", mail.MessageId);
        Assert.All(
            [mail.TextBody, mail.HtmlBody],
            body =>
            {
                Assert.NotNull(body);
                Assert.Contains("bob", body);
                Assert.Contains("authentication-failed: Logging in as bob was refused", body);
                Assert.Contains("Check the password.", body);
                Assert.Contains("10 found: 6 copied (5.9 KiB), 4 already there", body);
                Assert.Contains("https://migrator.example/x/jobs/nightly", body);
                Assert.DoesNotContain("ann", body);
            }
        );
        Assert.DoesNotContain("<b>now</b>", mail.HtmlBody!);
        var json = JsonDocument.Parse(((MimePart)mail.Attachments.Single()).Content!.Open()).RootElement;
        Assert.Equal(
            ("jobRun.finished", "partial", 1),
            (
                json.GetProperty("event").GetString(),
                json.GetProperty("outcome").GetString(),
                json.GetProperty("notComplete").GetArrayLength()
            )
        );
        Assert.Equal(6, json.GetProperty("messages").GetProperty("delivered").GetInt64());
        Assert.True((await _office.Store.JobRunsAsync(null, 1, Stop))[0].Notified);
        Assert.Equal([$"Notified {SmtpInbox.AddressOf(_boss)}: {mail.Subject}"], _office.Log.Of(3001));
    }

    [Fact]
    public async Task Upkeep_that_finds_something_is_reported_like_a_failed_backup_and_so_is_one_that_is_overdue()
    {
        var worker = _office.With(("Mail:To", SmtpInbox.AddressOf(_boss))).Worker();
        _office.Catalogue.Replace(
            UpkeepJobs.With([
                JobFile.Parse(
                    """
                    {
                      "kind": "backup",
                      "source": { "host": "h", "user": "ann", "password": "env:X" }, "archive": { "location": "/srv/archive" },
                      "upkeep": { "check": {}, "schedule": { "every": "1d" } }
                    }
                    """,
                    "/jobs/nightly.json"
                ),
            ]),
            []
        );
        await _office.JobRunAsync(
            "nightly.upkeep",
            ("/srv/archive", new Failure("archive-damaged", "packs/202601/ab: its bytes do not match its name.", "Repair it."))
        );

        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);
        _office.Time.Advance(TimeSpan.FromDays(3));
        await worker.GetRequiredService<OverdueNotifier>().NotifyAsync(Stop);

        var mails = await SmtpInbox.ReadAsync(servers.New, _boss);
        Assert.Equal(
            ["[Migrator] nightly.upkeep: 1 archive is overdue", "[Migrator] nightly.upkeep: its archive is not complete"],
            mails.Select(mail => mail.Subject).Order(StringComparer.Ordinal)
        );
        Assert.Contains(
            "archive-damaged: packs/202601/ab",
            mails.Single(mail => mail.Subject!.EndsWith("not complete", StringComparison.Ordinal)).TextBody
        );
    }

    [Fact]
    public async Task Each_is_notified_of_what_the_rules_say_and_nobody_twice()
    {
        var worker = _office
            .With(("Mail:To", SmtpInbox.AddressOf(_boss)), ("Webhooks:0", _office.Secret("hook", _webhook.Url)), ("On", "failure"))
            .Worker();
        var good = new NotifyRule([SmtpInbox.AddressOf(_admin), SmtpInbox.AddressOf(_boss)], [], NotifyOn.Success | NotifyOn.Failure);
        _office.Catalogue.Replace([NotificationHost.Job("own", good), NotificationHost.Job("plain", NotifyRule.None)], []);
        await _office.JobRunAsync("own", ("ann", null));
        await _office.JobRunAsync("own", ("ann", s_refused));
        await _office.JobRunAsync("plain", ("ann", null));
        await _office.JobRunAsync("plain", ("ann", s_refused));

        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);
        _office.Time.Advance(NotificationOutbox.Lease * 2);
        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);

        string[] bad = ["[Migrator] own: its mailbox is not complete", "[Migrator] plain: its mailbox is not complete"];
        Assert.Equal(["[Migrator] own: its mailbox is complete", bad[0]], await SubjectsAsync(_admin));
        Assert.Equal(["[Migrator] own: its mailbox is complete", .. bad], await SubjectsAsync(_boss));
        Assert.Equal(
            ["own", "plain"],
            _webhook.Received.Select(post => JsonDocument.Parse(post.Body).RootElement.GetProperty("job").GetString())
        );
    }

    [Fact]
    public async Task Nothing_is_sent_before_the_jobs_are_known_and_what_is_old_is_not_sent_at_all()
    {
        var worker = _office.With(("Mail:To", SmtpInbox.AddressOf(_boss))).Worker();
        await _office.JobRunAsync("ancient", ("ann", s_refused));
        _office.Time.Advance(NotificationOutbox.Patience + TimeSpan.FromMinutes(1));
        await _office.JobRunAsync("nightly", ("ann", s_refused));
        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);
        Assert.Empty(await SubjectsAsync(_boss));

        _office.Catalogue.Replace([], []);
        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);

        Assert.Equal(["[Migrator] nightly: its mailbox is not complete"], await SubjectsAsync(_boss));
        Assert.All(await _office.Store.JobRunsAsync(null, 9, Stop), jobRun => Assert.True(jobRun.Notified));
    }

    [Fact]
    public async Task Who_cannot_be_reached_keeps_nobody_else_from_it_and_is_tried_again_for_three_days()
    {
        var worker = _office.With(("Mail:To:0", "refused@example.org"), ("Mail:To:1", SmtpInbox.AddressOf(_boss))).Worker();
        _office.Catalogue.Replace([], []);
        await _office.JobRunAsync("nightly", ("ann", s_refused));
        var telling = worker.GetRequiredService<JobRunNotifier>();

        for (var hours = 0; hours <= 72; hours += 24)
        {
            await telling.NotifyAsync(Stop);
            Assert.Equal(hours == 72, (await _office.Store.JobRunsAsync(null, 1, Stop))[0].Notified);
            _office.Time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Single(await SubjectsAsync(_boss));
        Assert.Equal(4, _office.Log.Of(3002).Count);
        Assert.All(
            _office.Log.Of(3002),
            line => Assert.Contains("the recipient refused@example.org was refused (550 5.1.1 No such user here)", line)
        );
        Assert.Contains("refused@example.org", Assert.Single(_office.Log.Of(3003)));
    }

    [Fact]
    public async Task Who_has_it_does_not_get_it_again_from_a_worker_that_tries_another()
    {
        var worker = _office
            .With(
                ("Mail:To:0", "refused@example.org"),
                ("Mail:To:1", SmtpInbox.AddressOf(_boss)),
                ("Webhooks:0", _office.Secret("hook", _webhook.Url))
            )
            .Worker();
        _office.Catalogue.Replace([NotificationHost.Job("nightly", NotifyRule.None, TimeSpan.FromHours(1), "ann")], []);
        await _office.JobRunAsync("nightly", ("ann", s_refused));
        _office.Time.Advance(TimeSpan.FromHours(3));

        foreach (var one in new[] { worker, _office.Worker(), _office.Worker() })
        {
            await one.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);
            await one.GetRequiredService<OverdueNotifier>().NotifyAsync(Stop);
            _office.Time.Advance(NotificationOutbox.Lease + TimeSpan.FromSeconds(1));
        }

        Assert.Equal(
            ["[Migrator] nightly: its mailbox is not complete", "[Migrator] nightly: 1 mailbox is overdue"],
            await SubjectsAsync(_boss)
        );
        Assert.Equal(2, _webhook.Received.Count);
        Assert.Equal(6, _office.Log.Of(3002).Count);
    }

    [Fact]
    public async Task A_digest_that_could_not_be_sent_before_midnight_is_sent_after_it()
    {
        var worker = _office.With(("Mail:To", SmtpInbox.AddressOf(_boss)), ("On", "daily"), ("DailyAt", "23:58")).Worker();
        _office.Catalogue.Replace([], []);
        _office.Time.SetUtcNow(new DateTimeOffset(2026, 11, 2, 23, 58, 30, TimeSpan.Zero));
        await _smtp.StopAsync();
        await worker.GetRequiredService<DailyDigestNotifier>().NotifyAsync(Stop);
        Assert.Single(_office.Log.Of(3002));
        await _smtp.StartAgainAsync();

        _office.Time.Advance(NotificationOutbox.Lease + TimeSpan.FromSeconds(1));
        await worker.GetRequiredService<DailyDigestNotifier>().NotifyAsync(Stop);
        await worker.GetRequiredService<DailyDigestNotifier>().NotifyAsync(Stop);

        Assert.Equal(["[Migrator] 2026-11-02: no job runs"], await SubjectsAsync(_boss));
    }

    [Fact]
    public async Task A_mail_server_that_is_away_gets_the_mail_when_it_is_back()
    {
        var worker = _office.With(("Mail:To", SmtpInbox.AddressOf(_boss))).Worker();
        _office.Catalogue.Replace([NotificationHost.Job("nightly", NotifyRule.None, TimeSpan.FromHours(1), "ann")], []);
        await _office.JobRunAsync("nightly", ("ann", s_refused));
        _office.Time.Advance(TimeSpan.FromHours(3));
        await _smtp.StopAsync();

        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);
        await worker.GetRequiredService<OverdueNotifier>().NotifyAsync(Stop);
        Assert.Equal(2, _office.Log.Of(3002).Count);
        await _smtp.StartAgainAsync();
        // A worker that came later: what waits is in the store, not in a process.
        _office.Time.Advance(NotificationOutbox.Lease + TimeSpan.FromSeconds(1));
        var other = _office.Worker();
        await other.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);
        await other.GetRequiredService<OverdueNotifier>().NotifyAsync(Stop);
        await worker.GetRequiredService<OverdueNotifier>().NotifyAsync(Stop);

        Assert.Equal(
            ["[Migrator] nightly: 1 mailbox is overdue", "[Migrator] nightly: its mailbox is not complete"],
            (await SubjectsAsync(_boss)).Order()
        );
    }

    [Fact]
    public async Task A_mailbox_that_did_not_run_on_time_is_reported_once_until_it_is_overdue_again()
    {
        var (worker, other) = (_office.With(("Mail:To", SmtpInbox.AddressOf(_boss))).Worker(), _office.Worker());
        _office.Catalogue.Replace([NotificationHost.Job("nightly", NotifyRule.None, TimeSpan.FromDays(1), "ann", "bob")], []);
        await _office.JobRunAsync("nightly", ("ann", null), ("bob", null));
        await LookAsync(TimeSpan.FromHours(47));
        Assert.Empty(await SubjectsAsync(_boss));

        await LookAsync(TimeSpan.FromHours(2));
        await LookAsync(TimeSpan.FromHours(24));
        Assert.Equal(["[Migrator] nightly: 2 mailboxes are overdue"], await SubjectsAsync(_boss));

        await _office.JobRunAsync("nightly", ("ann", null), ("bob", s_refused));
        await LookAsync(TimeSpan.FromHours(49));

        var mails = await SmtpInbox.ReadAsync(servers.New, _boss);
        Assert.Equal(
            ["[Migrator] nightly: 2 mailboxes are overdue", "[Migrator] nightly: 1 mailbox is overdue"],
            mails.Select(mail => mail.Subject)
        );
        Assert.Contains("ann", mails[1].TextBody);
        Assert.DoesNotContain("bob", mails[1].TextBody);

        async Task LookAsync(TimeSpan later)
        {
            _office.Time.Advance(later);
            await Task.WhenAll(
                worker.GetRequiredService<OverdueNotifier>().NotifyAsync(Stop),
                other.GetRequiredService<OverdueNotifier>().NotifyAsync(Stop)
            );
        }
    }

    [Fact]
    public async Task The_digest_comes_once_a_day_at_its_time_with_all_JobRuns_and_who_is_overdue()
    {
        _office.Time.SetLocalTimeZone(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        var own = new NotifyRule([SmtpInbox.AddressOf(_admin)], [], NotifyOn.Daily);
        var (worker, other) = (
            _office.With(("Mail:To", SmtpInbox.AddressOf(_boss)), ("On", "daily"), ("DailyAt", "07:30")).Worker(),
            _office.Worker()
        );
        _office.Catalogue.Replace(
            [NotificationHost.Job("nightly", own, TimeSpan.FromDays(1), "ann"), NotificationHost.Job("other", NotifyRule.None)],
            []
        );
        await _office.JobRunAsync("nightly", ("ann", s_refused));
        await _office.JobRunAsync("other", ("ann", null));
        // Told of nothing at once who wants one mail a day.
        await worker.GetRequiredService<JobRunNotifier>().NotifyAsync(Stop);
        await LookAsync(new DateTimeOffset(2026, 11, 3, 6, 29, 0, TimeSpan.Zero));
        Assert.Equal("2 Nov", Assert.Single(await SubjectsAsync(_boss)) is "[Migrator] 2026-11-02: no job runs" ? "2 Nov" : "");

        await LookAsync(new DateTimeOffset(2026, 11, 3, 6, 30, 0, TimeSpan.Zero));
        await LookAsync(new DateTimeOffset(2026, 11, 3, 12, 0, 0, TimeSpan.Zero));
        Assert.Equal("[Migrator] 2026-11-03: 1 of 2 job runs complete, 1 not", (await SubjectsAsync(_boss))[^1]);
        Assert.Equal("[Migrator] 2026-11-03: nightly: 1 job run, not complete", (await SubjectsAsync(_admin))[^1]);

        await LookAsync(new DateTimeOffset(2026, 11, 4, 20, 0, 0, TimeSpan.Zero));
        Assert.Equal("[Migrator] 2026-11-04: nightly: no job runs; 1 mailbox overdue", (await SubjectsAsync(_admin))[^1]);
        Assert.Equal((3, 3), ((await SubjectsAsync(_boss)).Count, (await SubjectsAsync(_admin)).Count));

        async Task LookAsync(DateTimeOffset at)
        {
            // First whatever is due before.
            await BothAsync();
            _office.Time.SetUtcNow(at);
            await BothAsync();
        }

        Task BothAsync() =>
            Task.WhenAll(
                worker.GetRequiredService<DailyDigestNotifier>().NotifyAsync(Stop),
                other.GetRequiredService<DailyDigestNotifier>().NotifyAsync(Stop)
            );
    }

    private async Task<IReadOnlyList<string>> SubjectsAsync(string user) =>
        [.. (await SmtpInbox.ReadAsync(servers.New, user)).Select(mail => mail.Subject!)];
}
