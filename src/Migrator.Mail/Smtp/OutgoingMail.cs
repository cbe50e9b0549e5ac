namespace Migrator.Mail.Smtp;

/// <summary>A message that is sent to each of several people separately: none sees who else got it.</summary>
/// <param name="From">An address, with or without a name.</param>
/// <param name="Id">What the Message-ID begins with, the same each time this is sent: who gets it twice can tell.</param>
/// <param name="Html">A whole page that needs nothing from elsewhere.</param>
/// <param name="FileName">Of the attachment.</param>
/// <param name="Json">The attachment.</param>
public sealed record OutgoingMail(
    string From,
    string Subject,
    string Id,
    DateTimeOffset Date,
    string Text,
    string Html,
    string FileName,
    byte[] Json
);
