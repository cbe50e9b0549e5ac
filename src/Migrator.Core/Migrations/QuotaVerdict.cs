namespace Migrator.Core.Migrations;

public enum QuotaVerdict
{
    Fits,

    /// <summary>If all of it comes; some may be at the target already.</summary>
    MayExceed,

    Exceeded,

    /// <summary>What the server says of it makes no sense.</summary>
    Unknown,
}
