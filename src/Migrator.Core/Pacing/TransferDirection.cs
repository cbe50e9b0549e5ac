namespace Migrator.Core.Pacing;

/// <summary>As seen from here.</summary>
public enum TransferDirection
{
    Download,
    Upload,
}
