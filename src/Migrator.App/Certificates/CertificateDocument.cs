using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Certificates;
using Migrator.Core.Reports;

namespace Migrator.App.Certificates;

/// <summary>What the page of a certificate shows.</summary>
internal static class CertificateDocument
{
    private const string ForPrograms = "JSON Lines file";

    public static ReportDocument Of(
        CertificateDraft draft,
        WrittenCertificate written,
        string job,
        VerifyReport report,
        string fingerprint,
        string file
    ) =>
        new(
            "Certificate of a migration",
            job,
            Verdict.Of(report),
            report.Started,
            report.Finished,
            [
                ("From", DisplayText.Account(report.Source)),
                ("To", DisplayText.Account(report.Target)),
                .. Facts(file, written, fingerprint),
            ],
            [Tally(written, "messages", "message.")],
            [
                .. ReportParts.Table(
                    "Messages that are not identical",
                    "messages",
                    draft.Notable,
                    [
                        ReportParts.Lead("Folder"),
                        ReportParts.Number("UID"),
                        new("State", ReportColumnKind.Text),
                        new("SHA-256 at the source", ReportColumnKind.Value),
                        new("SHA-256 at the target", ReportColumnKind.Value),
                    ],
                    message =>
                        [
                            ReportParts.Of(message.Folder),
                            ReportParts.Uid(message.Uid),
                            new(
                                $"{message.State.ToString().ToLowerInvariant()}"
                                    + (message.Differences.Count > 0 ? $": {string.Join(", ", message.Differences)}" : "")
                            )
                            {
                                Note = message.Copy is { } copy ? $"{copy.Folder} {copy.Uid}" : null,
                            },
                            new(message.Read?.Content.ToString() ?? ""),
                            new(message.Copy?.Read?.Content.ToString() ?? ""),
                        ]
                ),
                .. ReportParts.Notes(report.Notices),
            ]
        )
        {
            ForPrograms = ForPrograms,
        };

    public static ReportDocument Of(
        WrittenCertificate written,
        string job,
        IReadOnlyCollection<JobCertificateLine> mailboxes,
        IReadOnlyCollection<(string Mailbox, string Reason)> without,
        DateTimeOffset started,
        DateTimeOffset ended,
        string fingerprint
    ) =>
        new(
            "Certificate of a job",
            job,
            new Verdict(
                written.Identical,
                written.Identical ? "Identical: all mailboxes" : "Not identical",
                without.Count > 0 ? $"{Format.Count(without.Count, "mailbox", "mailboxes")} could not be certified." : null
            ),
            started,
            ended,
            [.. Facts("job" + CertificateFiles.Extension, written, fingerprint)],
            [],
            [
                .. ReportParts.Table(
                    "Mailboxes",
                    "mailboxes",
                    [.. mailboxes.OrderBy(mailbox => mailbox.Mailbox, StringComparer.Ordinal)],
                    [ReportParts.Lead("Mailbox"), new("Verdict", ReportColumnKind.Text), new("Merkle root", ReportColumnKind.Value)],
                    mailbox =>
                        [
                            new(mailbox.Mailbox) { Link = Uri.EscapeDataString(Path.ChangeExtension(mailbox.File!, ".html")) },
                            new(mailbox.Verdict ?? ""),
                            new(mailbox.Root ?? ""),
                        ],
                    main: true
                ),
                .. ReportParts.Table(
                    "Mailboxes without a certificate",
                    "mailboxes",
                    [.. without.OrderBy(row => row.Mailbox, StringComparer.Ordinal)],
                    [ReportParts.Lead("Mailbox"), new("Why", ReportColumnKind.Text)],
                    row => [new(row.Mailbox), new("") { Code = row.Reason }],
                    main: true
                ),
            ]
        )
        {
            ForPrograms = ForPrograms,
        };

    private static IEnumerable<(string, string)> Facts(string file, WrittenCertificate written, string fingerprint) =>
        [
            ("Signed file", file),
            ("Merkle root", written.Root),
            ("Signed by", $"{fingerprint} (SHA-256 of the signer's certificate)"),
            ("Note", "This page is not signed. \"migrator certificate verify\" verifies the signed file."),
        ];

    private static CountsLine Tally(WrittenCertificate written, string name, string prefix)
    {
        var counts = written.Counts.Where(count => count.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return new CountsLine(
            name,
            counts.Sum(count => count.Value),
            [
                .. counts.Select(count =>
                    (count.Key[prefix.Length..], count.Value, count.Key[prefix.Length..] is not ("identical" or "skipped"))
                ),
            ]
        );
    }
}
