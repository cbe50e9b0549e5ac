namespace Migrator.Core.Mail;

/// <param name="Path">Its place in the mailbox.</param>
/// <param name="Use">What its server says it is for.</param>
/// <param name="Selectable">False where it only holds other folders (<c>\Noselect</c>).</param>
/// <param name="Subscribed">On the user's list of folders that clients show.</param>
/// <param name="State">What was true at the moment of listing; null where it is not selectable or the server did not
/// say.</param>
public sealed record MailFolder(FolderPath Path, SpecialUse Use, bool Selectable, bool Subscribed, FolderState? State)
{
    /// <summary>Whose it is.</summary>
    public NamespaceKind Namespace { get; init; }

    /// <summary>It has a calendar, contacts or the like, in which the provider keeps no mail.</summary>
    public bool HoldsNoMail { get; init; }

    /// <summary>It is a label of its messages (<see cref="IMailSource.HasLabels"/>).</summary>
    public bool IsLabel { get; init; }

    /// <summary>It may only show messages that other folders contain (RFC 6154, section 2).</summary>
    public bool IsView => Use is SpecialUse.All or SpecialUse.Flagged or SpecialUse.Important;
}
