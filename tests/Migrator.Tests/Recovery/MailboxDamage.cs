using Migrator.Tests.Servers;

namespace Migrator.Tests.Recovery;

/// <summary>How a copy differs from its source, in messages.</summary>
/// <param name="Compared">At the source.</param>
/// <param name="Altered">Other bytes, flags or date.</param>
internal readonly record struct MailboxDamage(int Compared, int Lost, int Doubled, int Altered)
{
    public static MailboxDamage Of(MailboxContent source, MailboxContent copy)
    {
        var damage = new MailboxDamage();
        foreach (var folder in source.Folders.Keys.Union(copy.Folders.Keys))
        {
            var (here, there) = (Messages(source, folder), Messages(copy, folder).ToList());
            var other = here.Where(message => !there.Remove(message)).ToList();
            var like = other.RemoveAll(message => there.Remove(there.Find(left => left.Hash == message.Hash)!));
            var known = there.RemoveAll(message => here.Any(sent => sent.Hash == message.Hash));
            damage += new MailboxDamage(here.Count, other.Count, known, like + there.Count);
        }
        return damage;
    }

    public static MailboxDamage operator +(MailboxDamage one, MailboxDamage other) =>
        new(one.Compared + other.Compared, one.Lost + other.Lost, one.Doubled + other.Doubled, one.Altered + other.Altered);

    public bool IsNone => (Lost, Doubled, Altered) == (0, 0, 0);

    public override string ToString() => FormattableString.Invariant($"{Lost} lost, {Doubled} doubled, {Altered} altered");

    private static IReadOnlyList<MailboxContent.Message> Messages(MailboxContent mailbox, string folder) =>
        mailbox.Folders.TryGetValue(folder, out var messages) ? messages : [];
}
