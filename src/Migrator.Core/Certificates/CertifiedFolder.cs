using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Certificates;

/// <summary>A folder of the source.</summary>
/// <param name="State"><see cref="Compared"/> and so on.</param>
/// <param name="Reason">The code of a <see cref="Failures.Reason"/>; null where there is none.</param>
/// <param name="Target">Null where it was compared with none.</param>
public sealed record CertifiedFolder(FolderPath Folder, UidValidity UidValidity, string State, string? Reason, FolderPath? Target)
{
    public const string Compared = "compared";
    public const string Limited = "limited";
    public const string Skipped = "skipped";
    public const string Failed = "failed";

    public UidValidity TargetUidValidity { get; init; }

    public bool TargetExists { get; init; }
}
