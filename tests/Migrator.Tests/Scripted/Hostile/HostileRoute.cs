namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Where mail is brought, and which of the servers misbehaves.</summary>
public enum HostileRoute
{
    /// <summary>A copy whose source misbehaves.</summary>
    CopySource,

    /// <summary>A copy whose target misbehaves.</summary>
    CopyTarget,

    /// <summary>A backup into an archive.</summary>
    BackupSource,
}
