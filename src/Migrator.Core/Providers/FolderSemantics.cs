namespace Migrator.Core.Providers;

/// <summary>What a folder is to a provider.</summary>
public enum FolderSemantics
{
    /// <summary>A message is in one folder.</summary>
    Folders,

    /// <summary>A folder shows the messages with a label; one message is in several.</summary>
    Labels,
}
