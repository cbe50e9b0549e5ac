using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Migrator.App.Certificates;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator certificate</c>: what can be typed.</summary>
internal static class CertificateCommand
{
    private static readonly Option<string[]> s_only = JobArgument.Only();
    private static readonly Option<string?> s_out = new("--out")
    {
        Description = "Directory to write to; must be empty or not exist. [default: a new one in certificates of the state directory]",
        HelpName = "DIR",
    };
    private static readonly Option<string?> s_key = new("--key")
    {
        Description = "Key to sign with, and its certificate: a PFX or PEM file. [default: the key of this installation]",
        HelpName = "FILE",
    };
    private static readonly Option<string?> s_keyPassword = new("--key-password")
    {
        Description = "Where the password of the key is: env:NAME, file:PATH, setting:NAME, command:LINE or prompt. [default: none]",
        HelpName = "REFERENCE",
    };
    private static readonly Option<string?> s_timeStamp = new("--time-stamp")
    {
        Description = "URL of a time-stamp authority (RFC 3161), which gets a hash of the signature. [default: no time stamp]",
        HelpName = "URL",
    };
    private static readonly Option<string?> s_trust = new("--trust")
    {
        Description = "The signer: SHA-256 fingerprint of a certificate, or a file with the certificate. [default: any, which is said]",
        HelpName = "SIGNER",
    };
    private static readonly Option<string?> s_against = new("--against")
    {
        Description = "Read this account again, the target, and compare it with the certificate, such as imaps://ann@imap.example.org.",
        HelpName = "URL",
    };

    public static Command Create() =>
        new("certificate", "Certify a migration, message by message and signed; verify certificates.") { Issue(), Verify() };

    private static Command Issue()
    {
        var name = JobArgument.Create();
        var command = new Command("create", "Compare source and target, and write a signed certificate of each mailbox and of the job.")
        {
            name,
            s_only,
            s_out,
            s_key,
            s_keyPassword,
            s_timeStamp,
        };
        command.Does(
            AuditEvent.CertificateCreated,
            async (parsed, context, stop) =>
            {
                var job = JobArgument.Read(parsed.GetRequiredValue(name), context);
                if (job.Mailboxes.Any(mailbox => mailbox.Job is not MigrateJob))
                    throw new ConfigurationException(
                        job.File,
                        [new ConfigurationError("$", "is not a migration. \"migrator verify\" compares a backup with its source.")]
                    );
                var only = MailboxSelection.Of(job, parsed.GetValue(s_only) ?? []);
                var authority = parsed.GetValue(s_timeStamp) is { } url ? TimeStamps.Parse(url, s_timeStamp.Name) : null;
                using var key = Key(parsed, context);
                var files = CertificateFiles.Create(
                    parsed.GetValue(s_out),
                    context.Paths.Certificates,
                    job.Name,
                    key,
                    authority,
                    context.Time
                );
                return await new CertificateIssue(job, only, files, context).RunAsync(stop);
            }
        );
        return command;
    }

    private static Command Verify()
    {
        var file = new Argument<string>("file")
        {
            Description = "A certificate (.jsonl). That of a job verifies all of its mailboxes.",
            HelpName = "FILE",
        };
        var (password, admin) = (ArchiveOptions.Password(), ArchiveOptions.Admin());
        var command = new Command("verify", "Verify certificates: every line, the Merkle root, signature and time stamp.")
        {
            file,
            s_trust,
            s_against,
            password,
            admin,
        };
        command.Does(
            CommandActs.OnlyReads,
            (parsed, context, stop) =>
                new CertificateCheck(
                    parsed.GetRequiredValue(file),
                    Trusted(parsed.GetValue(s_trust)),
                    parsed.GetValue(s_against) is { } url
                        ? MailServerUrl.Parse(
                            url,
                            s_against.Name,
                            CopyJob.Reference(parsed.GetValue(password), "target"),
                            parsed.GetValue(admin)
                        )
                        : null,
                    context
                ).RunAsync(stop)
        );
        return command;
    }

    private static X509Certificate2 Key(ParseResult parsed, CommandContext context)
    {
        if (parsed.GetValue(s_key) is not { } file)
            return CertificateKey.OfInstallation(context.Paths.CertificateKey, context.Time);
        var password = "";
        if (parsed.GetValue(s_keyPassword) is { } given)
        {
            var reference =
                SecretReference.Parse(given, Directory.GetCurrentDirectory())
                ?? throw Wrong(s_keyPassword.Name, $"must say where the password is: {SecretReference.Forms}.");
            password = context.Secrets.Resolve(reference, $"password of {file}");
        }
        return CertificateKey.Read(file, password, s_key.Name);
    }

    /// <returns>The fingerprint; null for none.</returns>
    private static string? Trusted(string? signer)
    {
        if (signer is null)
            return null;
        var digits = signer.ToLowerInvariant().Replace("sha256:", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);
        if (digits.Length == 64 && digits.All(char.IsAsciiHexDigit))
            return digits;
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(InputFile.ReadAll(signer, InputFile.MostOfSettings));
            return CertificateKey.Fingerprint(certificate);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw Wrong(s_trust.Name, $"must be a SHA-256 fingerprint (64 hexadecimal digits) or a certificate: {exception.Message}");
        }
    }

    private static ConfigurationException Wrong(string option, string message) =>
        new("command line", [new ConfigurationError(option, message)]);
}
