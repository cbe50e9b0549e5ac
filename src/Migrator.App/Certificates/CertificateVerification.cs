using System.Text.Json;
using Migrator.Core.Certificates;
using Migrator.Core.Files;

namespace Migrator.App.Certificates;

/// <summary>Verifies a certificate in a file: its lines, its signature and its time stamp; of a job, those of its mailboxes too.</summary>
/// <param name="trusted">Fingerprint of the signer; null where none is trusted beforehand.</param>
/// <param name="seen">Given each line of the first file that is as it was written.</param>
public sealed class CertificateVerification(string path, string? trusted, Action<JsonElement>? seen = null)
{
    private readonly List<CertificateProblem> _problems = [];

    public IReadOnlyList<CertificateProblem> Problems => _problems;

    /// <summary>Fingerprint of who signed it; null for nobody.</summary>
    public string? Signer { get; private set; }

    /// <summary>Null where it has no time stamp.</summary>
    public CertificateTime? Time { get; private set; }

    public CertificateEnd? End { get; private set; }

    /// <summary>The mailboxes of a job.</summary>
    public IReadOnlyList<JobCertificateLine> Mailboxes { get; private set; } = [];

    private string Name => Path.GetFileName(path);

    public void Run(CancellationToken stop) => Run(null, stop);

    private void Run(JobCertificateLine? expected, CancellationToken stop)
    {
        try
        {
            var reader = new CertificateReader(Name, seen);
            using (var file = new FileStream(RegularFile.OpenNamed(path), FileAccess.Read, bufferSize: 0))
                reader.Read(file, stop);
            _problems.AddRange(reader.Problems);
            (End, Mailboxes) = (reader.End, reader.Mailboxes);
            if (reader.SignedBytes is { } signed)
                VerifySignature(signed);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Report(expected is null ? CertificateProblem.Unreadable : CertificateProblem.MailboxMissing, exception.Message);
        }
        if (expected is not null && End is { } end)
            Compare(expected, end);
        // The certificate of a job that names itself as a mailbox must not be read for ever.
        foreach (var mailbox in expected is null ? Mailboxes : [])
            VerifyMailbox(mailbox, stop);
    }

    private void VerifySignature(byte[] signed)
    {
        var bare = path.EndsWith(CertificateFiles.Extension, StringComparison.Ordinal) ? path[..^CertificateFiles.Extension.Length] : path;
        var signature = Read(bare + CertificateFiles.SignatureExtension);
        if (signature is null || CertificateSignature.Signer(signature, signed) is not { } signer)
        {
            Report(CertificateProblem.Signature, "there is no signature, or it is not that of the last line");
            return;
        }
        Signer = CertificateKey.Fingerprint(signer);
        if (trusted is not null && Signer != trusted)
            Report(CertificateProblem.Signer, $"is signed by {Signer}");
        if (!File.Exists(bare + CertificateFiles.TimeStampExtension))
            return;
        Time = Read(bare + CertificateFiles.TimeStampExtension) is { } token ? TimeStamps.Read(token, signature) : null;
        if (Time is null)
            Report(CertificateProblem.TimeStamp, "the time stamp is not one of the signature");
    }

    private void Compare(JobCertificateLine expected, CertificateEnd end)
    {
        if (
            (end.Mailbox, end.Source, end.Target) != (expected.Mailbox, expected.Source, expected.Target)
            && !_problems.Exists(problem => problem.Code == CertificateProblem.WrongFile)
        )
            Report(CertificateProblem.WrongFile, $"is not the certificate of {expected.Mailbox}");
        if (end.Root != expected.Root)
            Report(CertificateProblem.MailboxChanged, "is not the certificate that the job names");
    }

    private void VerifyMailbox(JobCertificateLine mailbox, CancellationToken stop)
    {
        // A stranger may have written the name: it must not lead out of the directory.
        if (
            mailbox.File is not { } file
            || !file.EndsWith(CertificateFiles.Extension, StringComparison.Ordinal)
            || file.Length == CertificateFiles.Extension.Length
            || file.AsSpan().ContainsAny('/', '\\', '\0')
        )
        {
            Report(CertificateProblem.WrongFile, $"{mailbox.File} is not the name of a certificate");
            return;
        }
        var one = new CertificateVerification(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file), trusted ?? Signer);
        one.Run(mailbox, stop);
        _problems.AddRange(one.Problems);
    }

    private static byte[]? Read(string file)
    {
        try
        {
            return InputFile.ReadAll(file, CertificateSignature.Most);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Report(string code, string detail) => _problems.Add(new CertificateProblem(code, Name, detail));
}
