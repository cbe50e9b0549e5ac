namespace Migrator.Core.Certificates;

/// <summary>What became of a message of the source; each is in exactly one of these (docs/certificate.md).</summary>
public enum CertifiedState
{
    Identical,
    Equivalent,
    Different,
    Moved,
    Merged,
    Trashed,
    Missing,
    Unreadable,
    Skipped,
}
