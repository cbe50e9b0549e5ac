namespace Migrator.Core.Blobs;

public enum BlobAccess
{
    /// <summary>At once.</summary>
    Online,

    /// <summary>Only after it was brought back, which takes hours and has to be asked for.</summary>
    Offline,

    /// <summary>It was asked for and is on its way back.</summary>
    Returning,
}
