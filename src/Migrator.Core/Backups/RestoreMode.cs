namespace Migrator.Core.Backups;

public enum RestoreMode
{
    /// <summary>What is not there is appended; nothing else changes.</summary>
    Missing,

    /// <summary>Everything goes into a folder of its own.</summary>
    Side,

    /// <summary>The folders become what they were: flags too, and what they hold besides is moved aside.</summary>
    Exact,
}
