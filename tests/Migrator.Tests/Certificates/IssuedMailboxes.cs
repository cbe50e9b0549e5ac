using System.Security.Cryptography.X509Certificates;
using Migrator.App.Certificates;
using Migrator.Core.Certificates;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Tests.Certificates;

/// <summary>Certificates of a job with two mailboxes, ann and bob, without any server.</summary>
internal sealed class IssuedMailboxes : IDisposable
{
    public const int Messages = 7;

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("certificate");

    private IssuedMailboxes() { }

    public string Directory => Path.Combine(_directory.FullName, "out");

    public string Job => File("job");

    public string Fingerprint { get; private set; } = "";

    /// <summary>Not the key of these certificates.</summary>
    public X509Certificate2 OtherKey => CertificateKey.OfInstallation(Path.Combine(_directory.FullName, "other.pfx"), TimeProvider.System);

    public static async Task<IssuedMailboxes> CreateAsync(Uri? authority = null)
    {
        var made = new IssuedMailboxes();
        using var key = CertificateKey.OfInstallation(Path.Combine(made._directory.FullName, "key.pfx"), TimeProvider.System);
        var files = CertificateFiles.Create(made.Directory, "", "staff", key, authority, TimeProvider.System);
        made.Fingerprint = files.Fingerprint;
        var lines = new List<JobCertificateLine>();
        foreach (var mailbox in new[] { "ann", "bob" })
        {
            using var draft = new CertificateDraft(made._directory.FullName);
            var issued = await files.WriteAsync(draft, "staff", mailbox, Fill(draft, mailbox), CancellationToken.None);
            made.WithoutTime = issued.WithoutTime;
            lines.Add(issued.Line);
        }
        await files.WriteAsync("staff", lines, [], DateTimeOffset.UnixEpoch, CancellationToken.None);
        return made;
    }

    public string? WithoutTime { get; private set; }

    public string File(string name, string extension = ".jsonl") => Path.Combine(Directory, name + extension);

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>What the program says of a file.</summary>
    public static IReadOnlyList<string> Codes(string file, string? trusted = null)
    {
        var verification = new CertificateVerification(file, trusted);
        verification.Run(CancellationToken.None);
        return [.. verification.Problems.Select(problem => problem.Code).Distinct().Order(StringComparer.Ordinal)];
    }

    private static VerifyReport Fill(CertificateDraft draft, string mailbox)
    {
        var (inbox, umlaut, spam) = (FolderPath.Inbox, new FolderPath(["Grüße", "a/b"]), new FolderPath(["Spam"]));
        // In no order, as two servers would give them.
        foreach (var uid in new uint[] { 5, 2, 9, 3 })
            draft.Add(Message(inbox, uid, mailbox));
        draft.Add(Message(umlaut, 70_000, mailbox));
        draft.Add(Message(umlaut, 300, mailbox));
        draft.Add(new CertifiedMessage(spam, 7, 1, CertifiedState.Skipped, null, null));
        draft.Add(new CertifiedFolder(spam, 7, CertifiedFolder.Skipped, null, null));
        foreach (var folder in new[] { umlaut, inbox })
            draft.Add(
                new CertifiedFolder(folder, 7, CertifiedFolder.Compared, null, folder) { TargetUidValidity = 8, TargetExists = true }
            );
        draft.AddExtra(new CertifiedCopy(inbox, 99, Content("extra")), duplicate: false);
        return new VerifyReport(
            "staff",
            $"imap://{mailbox}@old.example:993",
            $"imap://{mailbox}@new.example:993",
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddHours(1),
            [new FolderComparison([inbox, umlaut], inbox, true, Messages - 1, Messages, 1, Messages - 1, 0, 0, 0, 0, 1)],
            [],
            []
        );
    }

    private static CertifiedMessage Message(FolderPath folder, uint uid, string mailbox) =>
        CertifiedMessage.Compared(
            folder,
            7,
            uid,
            Content($"{mailbox} {folder} {uid}"),
            new CertifiedCopy(folder, uid + 1, Content($"{mailbox} {folder} {uid}")),
            sameParts: false
        );

    private static CertifiedContent Content(string text) =>
        new(ContentId.Of(System.Text.Encoding.UTF8.GetBytes(text)), text.Length, new FlagSet(["\\Seen", "Grün"]), DateTimeOffset.UnixEpoch);
}
