using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Following;

/// <summary>How the target follows what is moved, renamed and deleted at the source.</summary>
public sealed record FollowRules
{
    public const int DefaultMostPercent = 10;
    public const int DefaultMostMessages = 100;

    public static readonly FolderPath DefaultFolder = new(["Deleted at the source"]);

    public static readonly FollowRules Default = new();

    public DeletionMode Deletions { get; init; } = DeletionMode.Trash;

    /// <summary>For deleted messages, where the target has no trash or none is to be used.</summary>
    public FolderPath Folder { get; init; } = DefaultFolder;

    /// <summary>Deletions in one folder and run, in percent of what was delivered of it, beyond which a person is asked. One alone is
    /// never too many.</summary>
    public int MostPercent { get; init; } = DefaultMostPercent;

    /// <summary>Likewise, as a number.</summary>
    public int MostMessages { get; init; } = DefaultMostMessages;

    /// <summary>Why a person is asked before these deletions; null where nobody is.</summary>
    /// <param name="deleted">Messages of a folder that are no longer at the source.</param>
    /// <param name="left">Delivered messages of it that are.</param>
    public string? Objection(int deleted, int left) =>
        deleted > MostMessages ? $"more than {MostMessages:N0}"
        : deleted > 1 && 100L * deleted > (long)MostPercent * (deleted + left) ? $"more than {MostPercent} %"
        : null;
}
