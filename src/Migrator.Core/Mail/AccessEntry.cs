namespace Migrator.Core.Mail;

/// <summary>One entry of the access control list of a folder (RFC 4314).</summary>
/// <param name="Identifier">Whose rights they are, in the words of the server; after a <c>-</c>, who is denied them.</param>
/// <param name="Rights">A letter each.</param>
public sealed record AccessEntry(string Identifier, string Rights);
