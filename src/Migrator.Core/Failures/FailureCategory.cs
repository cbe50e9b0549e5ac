namespace Migrator.Core.Failures;

/// <summary>Where the cause of a failure is to be looked for.</summary>
public enum FailureCategory
{
    /// <summary>In mail: some messages are not where they belong.</summary>
    Data,

    /// <summary>At a server, or on the way to it.</summary>
    Connection,

    /// <summary>In what was asked for, or on this machine.</summary>
    Configuration,

    /// <summary>In Migrator.</summary>
    Internal,
}
