namespace Migrator.Core.Mail;

/// <summary>What tells whether a folder changed (RFC 9051, section 2.3.1.1; RFC 7162).</summary>
/// <param name="UidValidity">UIDs mean the same messages as long as this stays the same.</param>
/// <param name="UidNext">No message has a UID as high as this yet; 0 where the server does not say.</param>
/// <param name="HighestModSeq">Grows with every change of a flag; 0 where the server does not say.</param>
/// <param name="Count">Messages in it.</param>
public readonly record struct FolderState(UidValidity UidValidity, Uid UidNext, ulong HighestModSeq, int Count);
