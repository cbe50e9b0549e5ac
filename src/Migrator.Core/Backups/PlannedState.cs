namespace Migrator.Core.Backups;

/// <summary>What a backup does with a folder.</summary>
internal enum PlannedState
{
    /// <summary>By rule.</summary>
    LeftOut,

    /// <summary>It only holds other folders.</summary>
    Container,

    /// <summary>It need not even be opened.</summary>
    Unchanged,

    Changed,
}
