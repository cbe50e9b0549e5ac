using System.Globalization;
using System.Text;
using Migrator.Core.Mail;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>One message with all that a copy has to bring.</summary>
/// <param name="Content">As Latin-1.</param>
internal sealed record StoredMail(string Content, FlagSet Flags, DateTimeOffset Date)
{
    public static StoredMail Of(ScriptedMessage message) =>
        new(
            Encoding.Latin1.GetString(message.Content),
            new FlagSet(message.Flags),
            DateTimeOffset.ParseExact(message.InternalDate.Trim('"').Trim(), "d-MMM-yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture)
        );

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Content.ReplaceLineEndings(" ")}({Flags}) {Date:yyyy-MM-dd HH:mm:ss zzz}");
}
