namespace Migrator.Core.Mail;

/// <summary>Reads the date-time of a header field, which comes in more forms than RFC 5322 has: a library of mail knows them, and this
/// project has none.</summary>
/// <returns>False for what is no date.</returns>
public delegate bool DateParser(string text, out DateTimeOffset date);
