namespace Migrator.Core.Mail;

/// <param name="Key">What the source knows the message by, stable from session to session and different for any two
/// messages; or a <see cref="UidMapMark"/>.</param>
/// <param name="Uid">Never given to another message, even after this one is gone.</param>
/// <param name="FirstSeen">When the source listed it first.</param>
public sealed record UidMapEntry(string Key, Uid Uid, DateTimeOffset FirstSeen);
