namespace Migrator.Core.Files;

/// <summary>What lies at a path.</summary>
public enum EntryKind
{
    Missing,
    Regular,
    Directory,
    Link,

    /// <summary>A pipe, a socket or a device: opening one may wait for good, or do something.</summary>
    Special,
}
