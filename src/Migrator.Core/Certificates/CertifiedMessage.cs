using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Certificates;

/// <summary>One message of the source, and what became of it.</summary>
/// <param name="Read">Null where it was not read.</param>
/// <param name="Copy">Null where there is none.</param>
public sealed record CertifiedMessage(
    FolderPath Folder,
    UidValidity UidValidity,
    Uid Uid,
    CertifiedState State,
    CertifiedContent? Read,
    CertifiedCopy? Copy
)
{
    /// <summary>Of those that are equivalent or different.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>Why it could not be read.</summary>
    public Reason? Reason { get; init; }

    /// <summary>A message and its copy, both read.</summary>
    /// <param name="sameParts">Where the bytes differ: header fields, text and attachments do not.</param>
    public static CertifiedMessage Compared(
        FolderPath folder,
        UidValidity uidValidity,
        Uid uid,
        CertifiedContent source,
        CertifiedCopy copy,
        bool sameParts
    )
    {
        var target = copy.Read ?? throw new ArgumentException("The copy was not read.", nameof(copy));
        var differences = new List<string>();
        if (source.Content != target.Content)
            differences.Add(sameParts ? "form" : "content");
        if (source.Flags is { } flags && flags != target.Flags)
            differences.Add("flags");
        if (source.Date is { } date && date.ToUnixTimeSeconds() != target.Date?.ToUnixTimeSeconds())
            differences.Add("date");
        return new(
            folder,
            uidValidity,
            uid,
            differences switch
            {
                [] => CertifiedState.Identical,
                ["form"] => CertifiedState.Equivalent,
                _ => CertifiedState.Different,
            },
            source,
            copy
        )
        {
            Differences = differences,
        };
    }
}
