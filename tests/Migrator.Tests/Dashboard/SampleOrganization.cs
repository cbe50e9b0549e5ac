using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.App.Jobs;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Tests.Dashboard;

/// <summary>An organisation that moves its mail and backs it up: three jobs, with mailboxes in every state.</summary>
internal static class SampleOrganization
{
    public const string Moving = "move-to-new-server";
    public const string Nightly = "nightly-backup";
    public const string Sales = "sales-team";

    private static readonly string[] s_first =
    [
        "ada",
        "ben",
        "carla",
        "david",
        "elena",
        "farid",
        "grace",
        "hugo",
        "ines",
        "jonas",
        "katya",
        "leo",
        "maria",
        "noor",
        "oscar",
        "paula",
        "quinn",
        "rosa",
        "sven",
        "tomas",
        "uma",
        "viktor",
        "wanda",
        "xenia",
        "yusuf",
        "zoe",
    ];
    private static readonly string[] s_last =
    [
        "adler",
        "berg",
        "costa",
        "dunn",
        "eriksen",
        "fontaine",
        "garcia",
        "haas",
        "ito",
        "jansen",
        "keller",
        "lindt",
        "moreau",
        "novak",
        "olsen",
        "price",
        "quist",
        "rossi",
        "silva",
        "tanaka",
        "urban",
        "vogel",
        "weber",
        "young",
        "zeller",
    ];

    public static readonly Failure Refused = new(
        "authentication-failed",
        "The server refused the password: \"NO [AUTHENTICATIONFAILED] Authentication failed.\"",
        "Check user and password; some providers want an app password."
    );
    public static readonly Failure Full = new(
        "over-quota",
        "\"NO [OVERQUOTA] Quota exceeded (mailbox for user is full)\"",
        "Make room at the target, then retry: what is there already is not copied again."
    );

    public static string Name(int i)
    {
        var time = i / (s_first.Length * s_last.Length);
        var number = time > 0 ? $"{time + 1}" : "";
        return $"{s_first[i % s_first.Length]}.{s_last[i / s_first.Length % s_last.Length]}{number}@example.org";
    }

    /// <param name="mailboxes">Of the job that moves mail.</param>
    public static void Fill(MemoryJobRunStore store, JobCatalogue catalogue, DateTimeOffset now, int mailboxes = 240)
    {
        var moving = Job(Moving, mailboxes, """ "maxConcurrency": 12, """, "new.example.org");
        var nightly = Backup(Nightly, 64);
        var sales = Job(Sales, 18, "", "groupware.example.org");
        catalogue.Replace([moving, nightly, sales], []);
        for (var i = 0; i < mailboxes; i++)
            store.Put(Migrating(i, now, mailboxes));
        for (var i = 0; i < 64; i++)
            store.Put(
                Status(
                    Nightly,
                    i,
                    5000 + i,
                    40,
                    i == 17 ? MailboxRunState.Failed
                        : i == 40 ? MailboxRunState.Partial
                        : MailboxRunState.Complete,
                    now - TimeSpan.FromHours(9) + TimeSpan.FromMinutes(i),
                    i == 17 ? Refused : null,
                    12
                )
            );
        store.JobRuns.Add(
            new(
                41,
                Moving,
                JobRunTrigger.Manual,
                null,
                now.AddMinutes(-38),
                null,
                false,
                new(mailboxes * 41 / 100, 10, mailboxes / 2, 2, 3, 1),
                new(402_113, 396_020, 5_102, 12, 0, 9, 970, 31L << 30)
            )
        );
        for (var day = 0; day < 14; day++)
            store.JobRuns.Add(
                new(
                    40 - day,
                    Nightly,
                    JobRunTrigger.Schedule,
                    now.AddHours(-9).AddDays(-day),
                    now.AddHours(-9).AddDays(-day),
                    now.AddHours(-8).AddDays(-day),
                    true,
                    new(0, 0, day % 4 == 0 ? 62 : 64, day % 4 == 0 ? 1 : 0, day % 4 == 0 ? 1 : 0, 0),
                    new(511_020 + day, 2_120 + 37 * day, 508_900, 0, 0, day % 4 == 0 ? 2 : 0, 0, (long)(311 + 9 * day) << 20)
                )
            );
        store.Workers.Add(new("w-1", "mail-worker-1", now.AddDays(-6), now.AddSeconds(-2), true, 6));
        store.Workers.Add(new("w-2", "mail-worker-2", now.AddDays(-2), now.AddSeconds(-4), true, 4));
        store.Workers.Add(new("w-3", "mail-worker-3", now.AddDays(-2), now.AddMinutes(-52), false, 0));
        for (var step = 0; step < 420; step++)
        {
            // A pace that breathes, and a server that asked us to wait for a while.
            var pace =
                step < 130
                    ? 0
                    : Math.Max(0, 1 - Math.Exp(-(step - 130) / 18.0))
                        * (1 + 0.18 * Math.Sin(step / 9.0) + 0.08 * Math.Sin(step * 1.7))
                        * (step is > 232 and < 246 ? 0.25 : 1);
            if (pace > 0)
                store.Moved.Add(new(now - TimeSpan.FromSeconds(10 * (360 - step)), (long)(pace * 2_650), (long)(pace * 2_650 * 74_000)));
        }
        store.PutReport(5040, JsonSerializer.Serialize(Report(), ReportJson.Indented));
    }

    public static MailboxStatus Running(int i, long done, long expected, DateTimeOffset now) =>
        Status(Moving, i, 1000 + i, 41, MailboxRunState.Running, now.AddMinutes(-12), null, 0) with
        {
            Started = now.AddMinutes(-12),
            Finished = null,
            HasReport = false,
            Progress = new(
                "copying INBOX",
                done,
                expected,
                0,
                done * 74_000,
                21 + i % 17,
                (21 + i % 17) * 74_000.0,
                (expected - done) / (21.0 + i % 17)
            ),
        };

    public static MailboxStatus Status(
        string job,
        int i,
        long run,
        long jobRun,
        MailboxRunState state,
        DateTimeOffset ended,
        Failure? failure,
        int attempts
    ) =>
        new(
            job,
            Name(i),
            $"imap://{Uri.EscapeDataString(Name(i))}@old.example.org:993",
            $"imap://{Uri.EscapeDataString(Name(i))}@new.example.org:993",
            run,
            jobRun,
            state,
            Math.Max(1, attempts % 5),
            ended.AddMinutes(-30),
            ended.AddMinutes(-30),
            ended.AddMinutes(-6 - i % 9),
            ended,
            "w-1",
            i % 3 == 0 ? "mail-worker-2" : "mail-worker-1",
            null,
            Counts(i, state),
            failure,
            state == MailboxRunState.Complete ? ended : ended.AddDays(-1),
            state.IsOver()
        );

    public static RunReport Report() =>
        new(
            Nightly,
            "imap://paula.berg%40example.org@old.example.org:993",
            "archive",
            DateTimeOffset.UnixEpoch.AddDays(20_500),
            DateTimeOffset.UnixEpoch.AddDays(20_500).AddMinutes(4),
            RunOutcome.Partial,
            [
                new(Folder("INBOX"), Folder("INBOX"), new(12_840, 212, 12_627, 0, 0, 1, 0, 41_300_000), null),
                new(Folder("Sent"), Folder("Sent"), new(6_204, 31, 6_173, 0, 0, 0, 0, 9_800_000), null),
                new(Folder("Projects", "שלום"), Folder("Projects", "שלום"), new(804, 12, 790, 1, 0, 1, 0, 800_000), null),
                new(Folder("Trash"), null, new(411, 0, 0, 0, 411, 0, 0, 0), null),
            ],
            [
                new(
                    Folder("INBOX"),
                    8812,
                    "Quarterly figures <b>final</b>",
                    2_400_000,
                    new(
                        "source-unreadable",
                        "\"NO [SERVERBUG] Internal error occurred\"",
                        "The source cannot read this message; ask its administrator."
                    )
                ),
                new(
                    Folder("Projects", "שלום"),
                    77,
                    null,
                    1_200,
                    new("source-unreadable", "\"NO \u202eevil\"", "The source cannot read this message; ask its administrator.")
                ),
            ],
            [new(DifferenceKind.Flags, Folder("Sent"), 61, Folder("Sent"), 61, "\\Seen $Label1", "\\Seen", "Re: contract")],
            ["The folder \"Projekte\" was renamed to \"Projects\" at the source."],
            null
        )
        {
            Operation = Operation.Backup,
        };

    private static FolderPath Folder(params string[] names) => new([.. names]);

    private static MailboxStatus Migrating(int i, DateTimeOffset now, int all) =>
        (i, i * 100 / all) switch
        {
            (3, _) => Status(Moving, i, 1000 + i, 41, MailboxRunState.Failed, now.AddMinutes(-31), Refused, 5),
            (9, _) => Status(Moving, i, 1000 + i, 41, MailboxRunState.Failed, now.AddMinutes(-22), Full, 5),
            (14, _) => Status(
                Moving,
                i,
                1000 + i,
                41,
                MailboxRunState.Partial,
                now.AddMinutes(-14),
                new(
                    "append-refused",
                    "2 messages were refused: \"NO [CANNOT] Message contains invalid header\"",
                    "The report names the messages; the rest is there."
                ),
                1
            ),
            (21, _) => Status(Moving, i, 1000 + i, 41, MailboxRunState.Cancelled, now.AddMinutes(-9), null, 1),
            (_, < 52) => Status(Moving, i, 1000 + i, 41, MailboxRunState.Complete, now.AddSeconds(-90 - i * 7), null, 1),
            var (_, share) when share < 53 || i < all * 52 / 100 + 10 => Running(i, 400 + i * 53 % 2400, 3_000 + i * 31 % 900, now),
            _ => Status(Moving, i, 1000 + i, 41, MailboxRunState.Waiting, now, null, 0) with
            {
                Attempt = i % 29 == 0 ? 1 : 0,
                NotBefore = i % 29 == 0 ? now.AddMinutes(4) : now,
                Started = null,
                Finished = null,
                Machine = null,
                LastSuccess = null,
                Counts = default,
            },
        };

    private static MessageCounts Counts(int i, MailboxRunState state)
    {
        var found = 900 + i * 37 % 5_200;
        return state switch
        {
            MailboxRunState.Failed => default,
            MailboxRunState.Partial => new(found, found - 42, 40, 0, 0, 2, 0, found * 71_000L),
            _ => new(found, found - 40, 40, 0, 0, 0, 0, found * 71_000L),
        };
    }

    private static JobDefinition Job(string name, int mailboxes, string more, string target) =>
        JobFile.Parse(
            $$"""
            {
              {{more}}
              "source": { "host": "old.example.org", "password": "env:OLD_MAIL_PASSWORD" },
              "target": { "host": "{{target}}", "password": "file:secrets/new" },
              "mailboxes": [ {{string.Join(
                ", ",
                Enumerable.Range(0, mailboxes).Select(i =>
                    $$"""{ "name": "{{Name(i)}}", "source": { "user": "{{Name(i)}}" }, "target": { "user": "{{Name(i)}}" } }"""
                )
            )}} ]
            }
            """,
            $"/etc/migrator/jobs/{name}.json"
        );

    private static JobDefinition Backup(string name, int mailboxes) =>
        JobFile.Parse(
            $$"""
            {
              "source": { "host": "old.example.org", "password": "env:OLD_MAIL_PASSWORD" },
              "kind": "backup",
              "archive": { "location": "/srv/mail-archive", "passphrase": "env:ARCHIVE_PASSPHRASE" },
              "schedule": { "cron": "30 1 * * *", "timeZone": "Europe/Berlin" }, "overdueAfter": "26h",
              "mailboxes": [ {{string.Join(
                ", ",
                Enumerable.Range(0, mailboxes).Select(i => $$"""{ "name": "{{Name(i)}}", "source": { "user": "{{Name(i)}}" } }""")
            )}} ]
            }
            """,
            $"/etc/migrator/jobs/{name}.json"
        );
}
