namespace Migrator.Core.Folders;

/// <summary>What becomes of labels, where the folders of the source are labels.</summary>
public enum LabelRule
{
    /// <summary>Each is a folder at the target; the folder of all mail brings what no other copied folder shows.</summary>
    Folders,

    /// <summary>Keywords of messages: each message is copied once, from the folder of all mail.</summary>
    Keywords,
}
