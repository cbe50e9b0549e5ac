using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Reports;

namespace Migrator.App.Certificates;

/// <summary>Writes the certificates of one job into a directory of their own.</summary>
public sealed class CertificateFiles
{
    public const string Extension = ".jsonl";
    public const string SignatureExtension = ".p7s";
    public const string TimeStampExtension = ".tst";

    private const string OfJob = "job";

    private readonly X509Certificate2 _key;
    private readonly Uri? _authority;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { OfJob };
    private readonly Lock _lock = new();

    private CertificateFiles(string directory, X509Certificate2 key, Uri? authority, TimeProvider time) =>
        (Directory, _key, _authority, _time) = (directory, key, authority, time);

    public string Directory { get; }

    public string Fingerprint => CertificateKey.Fingerprint(_key);

    /// <param name="given">An empty or missing directory; null for a new one in <paramref name="all"/>.</param>
    /// <param name="authority">Stamps the time; null for none.</param>
    /// <exception cref="ConfigurationException">The directory has files, or cannot be made.</exception>
    public static CertificateFiles Create(string? given, string all, string job, X509Certificate2 key, Uri? authority, TimeProvider time)
    {
        var name = ReportFiles.Name(job, time.GetUtcNow(), "certificate");
        var directory = Path.GetFullPath(given ?? Free(Path.Combine(all, name)));
        try
        {
            if (System.IO.Directory.Exists(directory) && System.IO.Directory.EnumerateFileSystemEntries(directory).Any())
                throw new IOException("it is not empty.");
            PrivateFiles.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                "command line",
                [new ConfigurationError("--out", $"{directory} cannot be used: {exception.Message} Name an empty or a new directory.")]
            );
        }
        return new CertificateFiles(directory, key, authority, time);
    }

    /// <summary>Writes and signs the certificate of a mailbox.</summary>
    /// <exception cref="IOException">The disk is full, or the directory is gone.</exception>
    public async Task<IssuedCertificate> WriteAsync(
        CertificateDraft draft,
        string job,
        string mailbox,
        VerifyReport report,
        CancellationToken stop
    )
    {
        var name = Claim(mailbox);
        var written = Write(
            name,
            file =>
                draft.Write(
                    file,
                    new CertifiedMailbox(job, mailbox, report.Source, report.Target, name + Extension),
                    report,
                    $"Migrator {ProductVersion.Text}"
                )
        );
        var problem = await SignAsync(name, written.SignedBytes, stop);
        Page(name, CertificateDocument.Of(draft, written, job, report, Fingerprint, name + Extension));
        return new IssuedCertificate(
            Path.Combine(Directory, name + Extension),
            new JobCertificateLine(mailbox, name + Extension, report.Source, report.Target, Verdict(written), written.Root),
            problem
        );
    }

    /// <summary>Writes and signs the certificate of the job.</summary>
    /// <param name="without">Mailboxes that have none, and the code of the reason.</param>
    /// <inheritdoc cref="WriteAsync(CertificateDraft, string, string, VerifyReport, CancellationToken)"/>
    public async Task<IssuedCertificate> WriteAsync(
        string job,
        IReadOnlyCollection<JobCertificateLine> mailboxes,
        IReadOnlyCollection<(string Mailbox, string Reason)> without,
        DateTimeOffset started,
        CancellationToken stop
    )
    {
        var ended = _time.GetUtcNow();
        var written = Write(
            OfJob,
            file =>
                JobCertificate.Write(file, job, OfJob + Extension, mailboxes, without, started, ended, $"Migrator {ProductVersion.Text}")
        );
        var problem = await SignAsync(OfJob, written.SignedBytes, stop);
        Page(OfJob, CertificateDocument.Of(written, job, mailboxes, without, started, ended, Fingerprint));
        return new IssuedCertificate(
            Path.Combine(Directory, OfJob + Extension),
            new JobCertificateLine(job, OfJob + Extension, null, null, Verdict(written), written.Root),
            problem
        );
    }

    private static string Verdict(WrittenCertificate written) =>
        written.Identical ? CertificateFormat.Identical : CertificateFormat.NotIdentical;

    private static string Free(string path)
    {
        var free = path;
        for (var number = 2; System.IO.Directory.Exists(free) || File.Exists(free); number++)
            free = string.Create(CultureInfo.InvariantCulture, $"{path}-{number}");
        return free;
    }

    private string Claim(string mailbox)
    {
        var name = ReportFiles.Safe(mailbox, "mailbox");
        lock (_lock)
        {
            for (var number = 2; !_names.Add(name); number++)
                name = string.Create(CultureInfo.InvariantCulture, $"{ReportFiles.Safe(mailbox, "mailbox")}-{number}");
        }
        return name;
    }

    private WrittenCertificate Write(string name, Func<Stream, WrittenCertificate> write)
    {
        var path = Path.Combine(Directory, name + Extension);
        try
        {
            using var file = PrivateFiles.Create(path, bufferSize: 1 << 16);
            var written = write(file);
            file.Flush(flushToDisk: true);
            return written;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <returns>Why there is no time stamp; null where none is missing.</returns>
    private async Task<string?> SignAsync(string name, byte[] content, CancellationToken stop)
    {
        var signature = CertificateSignature.Sign(content, _key, _time);
        PrivateFiles.Write(Path.Combine(Directory, name + SignatureExtension), signature);
        if (_authority is null)
            return null;
        var (token, problem) = await TimeStamps.RequestAsync(_authority, signature, stop);
        if (token is not null)
            PrivateFiles.Write(Path.Combine(Directory, name + TimeStampExtension), token);
        return problem;
    }

    private void Page(string name, ReportDocument document) =>
        PrivateFiles.Write(
            Path.Combine(Directory, name + ".html"),
            Encoding.UTF8.GetBytes(new ReportPage(_time.LocalTimeZone).Of(document))
        );
}
