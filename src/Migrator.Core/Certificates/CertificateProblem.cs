namespace Migrator.Core.Certificates;

/// <summary>What is wrong with a certificate.</summary>
/// <param name="Code">As docs/certificate.md lists them.</param>
/// <param name="File">Name of the file.</param>
public sealed record CertificateProblem(string Code, string File, string Detail)
{
    public const string LineChanged = "line-changed";
    public const string LineRemoved = "line-removed";
    public const string LineAdded = "line-added";
    public const string Truncated = "truncated";
    public const string WrongFile = "wrong-file";
    public const string Inconsistent = "inconsistent";
    public const string Root = "root";
    public const string Signature = "signature";
    public const string Signer = "signer";
    public const string TimeStamp = "time-stamp";
    public const string MailboxMissing = "mailbox-missing";
    public const string MailboxChanged = "mailbox-changed";
    public const string Unreadable = "unreadable";
    public const string TargetChanged = "target-changed";
}
