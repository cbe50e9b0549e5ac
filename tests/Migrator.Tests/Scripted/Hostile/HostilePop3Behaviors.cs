using System.Text;
using System.Text.RegularExpressions;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>What broken and hostile POP3 servers do.</summary>
internal static class HostilePop3Behaviors
{
    // As much again as a line may have.
    private const int Endless = 33 << 20;

    public static IReadOnlyList<HostilePop3Behavior> All { get; } =
    [.. OfConnections(), .. OfAnswers(), .. OfListings(), .. OfMessages(), .. OfDeletion()];

    private static IEnumerable<HostilePop3Behavior> OfConnections()
    {
        yield return Any("hangs up before the answer", (_, _) => new HostileAnswer([], HangsUp: true));
        yield return Any("hangs up after it did what was asked", (_, honest) => new HostileAnswer(honest()[..0], HangsUp: true));
        foreach (var bytes in new[] { 1, 3, 4, 5, 10, 60 })
            yield return Any(
                $"hangs up after {bytes} bytes",
                (_, honest) => honest() is var said ? new HostileAnswer(said[..Math.Min(bytes, said.Length - 1)], HangsUp: true) : null!
            );
        yield return Any(
            "hangs up in the middle",
            (_, honest) => honest() is var said ? new HostileAnswer(said[..(said.Length / 2)], true) : null!
        );
        yield return Any("hangs up before the last byte", (_, honest) => new HostileAnswer(honest()[..^1], HangsUp: true));
        yield return Any("hangs up after the answer", (_, honest) => new HostileAnswer(honest(), HangsUp: true));
        yield return Any("says the answer byte by byte", (_, honest) => new HostileAnswer(honest()) { Piece = 1 });
        yield return Any(
            "says goodbye in place of the answer",
            (_, _) => Said("-ERR Autologout; idle for too long\r\n") with { HangsUp = true }
        );
        yield return Any("says nothing", (_, _) => new HostileAnswer([], FallsSilent: true)) with
        {
            IsSlow = true,
        };
        yield return Any(
            "falls silent in the middle",
            (_, honest) => honest() is var said ? new HostileAnswer(said[..(said.Length / 2)], false, true) : null!
        ) with
        {
            IsSlow = true,
        };
        yield return Any("leaves the answer out", (_, honest) => new HostileAnswer(honest()[..0])) with
        {
            IsSlow = true,
        };
    }

    private static IEnumerable<HostilePop3Behavior> OfAnswers()
    {
        foreach (
            var refusal in new[]
            {
                "-ERR",
                "-ERR no",
                "-ERR [IN-USE] busy",
                "-ERR [SYS/TEMP] later",
                "-ERR [SYS/PERM] never",
                "-ERR [AUTH] wrong",
                "-ERR [LOGIN-DELAY] wait",
                "-ERR mailbox is locked",
                "-ERR [",
            }
        )
        {
            yield return Any($"answers {refusal}", (_, _) => Said($"{refusal}\r\n"));
            yield return Any($"does what was asked and answers {refusal}", (_, honest) => Said(honest()[..0], $"{refusal}\r\n"));
        }
        yield return Any("answers +OK alone", (_, honest) => Said(honest()[..0], "+OK\r\n")) with
        {
            IsSlow = true,
        };
        yield return Any("answers twice", (_, honest) => honest() is var said ? Said(said, said) : null!);
        foreach (var first in new[] { "+OK", "-ERR", "+OK 1 1", "nonsense", "* BYE", "+ ", ".", "", "\0\u00ff\u0080" })
            yield return Any(
                $"says {first.Replace("\0", "NUL", StringComparison.Ordinal)} first",
                (_, honest) => Said($"{first}\r\n", honest())
            );
        foreach (var after in new[] { "+OK", "-ERR", "nonsense", ".", "" })
            yield return Any($"says {after} afterwards", (_, honest) => Said(honest(), $"{after}\r\n"));
        // A message of which all lines end otherwise is as long as another one of as many lines.
        yield return Any(
            "ends lines with a bare LF",
            (_, honest) => Said(Text(honest()).Replace("\r\n", "\n", StringComparison.Ordinal))
        ) with
        {
            CannotBeKnown = true,
            IsSlow = true,
        };
        yield return Any("says a line without end", (_, _) => Said($"+OK {new string('x', Endless)}") with { HangsUp = true });
        yield return At(
            "leaves out the dot at the end",
            IsOneOf("CAPA", "LIST", "UIDL", "RETR"),
            (_, honest) => Said(Regex.Replace(Text(honest()), @"(?<=\n)\.\r\n\z", ""))
        ) with
        {
            IsSlow = true,
        };
        yield return At("says only the dot", IsOneOf("CAPA", "LIST", "UIDL", "RETR"), (_, honest) => Said(honest()[..0], "+OK\r\n.\r\n"));
        yield return At(
            "says a dot after the first line",
            IsOneOf("CAPA", "LIST", "UIDL", "RETR"),
            (_, honest) => Changed(honest, @"^(\+OK.*\r\n[^\r]+\r\n)", "$1.\r\n")
        );
    }

    private static IEnumerable<HostilePop3Behavior> OfListings()
    {
        foreach (
            var said in new[]
            {
                "+OK",
                "+OK 0 0",
                "+OK 1 1",
                "+OK 3 300",
                "+OK 9 900",
                "+OK 4294967296 1",
                "+OK -1 -1",
                "+OK 500001 1",
                "+OK x y",
            }
        )
            yield return At($"counts {said}", IsOneOf("STAT"), (_, honest) => Said(honest()[..0], $"{said}\r\n"));
        foreach (var size in new[] { "0", "1", "10", "99999", "-1", "99999999999999999999", "x", "" })
            yield return At(
                $"lists size {size}",
                IsOneOf("LIST"),
                (_, honest) => Changed(honest, @"(?m)^(\d+|\+OK \d+) \d+(?=\r)", $"$1 {size}")
            );
        foreach (var number in new[] { "0", "1", "99", "x", "4294967296" })
            yield return At($"lists number {number}", IsOneOf("LIST", "UIDL"), (_, honest) => Changed(honest, @"(?m)^2(?= )", number));
        yield return At(
            "lists the first message only",
            IsOneOf("LIST", "UIDL"),
            (_, honest) => Changed(honest, @"(?m)^(?!1 )\d+ .*\n", "")
        );
        yield return At("leaves the first message out", IsOneOf("LIST", "UIDL"), (_, honest) => Changed(honest, @"(?m)^1 .*\n", ""));
        yield return At(
            "leaves the last message out",
            IsOneOf("LIST", "UIDL"),
            (_, honest) => Changed(honest, @"\n\d+ [^\n]*\n\.\r\n\z", "\n.\r\n")
        );
        yield return At("lists nothing", IsOneOf("LIST", "UIDL"), (_, honest) => Said(honest()[..0], "+OK\r\n.\r\n"));
        yield return At(
            "lists more than there is",
            IsOneOf("LIST", "UIDL"),
            (_, honest) => Changed(honest, @"(?m)^\.\r\n\z", "7 70\r\n8 80\r\n.\r\n")
        );
        yield return At("lists every message twice", IsOneOf("LIST", "UIDL"), (_, honest) => Changed(honest, @"(?m)^(\d+ .*\n)", "$1$1"));
        yield return At(
            "lists two sizes or ids of each",
            IsOneOf("LIST", "UIDL"),
            (_, honest) => Changed(honest, @"(?m)^(\d+ .*)\r\n", "$1\r\n${1}0\r\n")
        );
        yield return At("lists in the opposite order", IsOneOf("LIST", "UIDL"), (_, honest) => Reversed(honest()));
        foreach (var id in new[] { "same", "", "0", "\u00ff\u0080", new string('i', 5000), "a b c" })
            yield return At(
                $"gives the id {id[..Math.Min(9, id.Length)]}",
                IsOneOf("UIDL"),
                (_, honest) => Changed(honest, @"(?m)^(\d+) .*\r\n", $"$1 {id}\r\n")
            );
        yield return At("gives other ids", IsOneOf("UIDL"), (_, honest) => Changed(honest, "id-", "other-"));
        yield return At("gives ids to other messages", IsOneOf("UIDL"), (_, honest) => Reversed(honest(), idsOnly: true));
        yield return At("gives one id twice", IsOneOf("UIDL"), (_, honest) => Changed(honest, "id-2", "id-1"));
    }

    private static IEnumerable<HostilePop3Behavior> OfMessages()
    {
        yield return At(
            "cuts messages",
            IsOneOf("RETR"),
            (_, honest) => Text(honest()) is var said ? Said(said[..(said.Length * 2 / 3)], "\r\n.\r\n") : null!
        );
        yield return At("cuts the last line", IsOneOf("RETR"), (_, honest) => Changed(honest, @"(?<=\n)[^\n]*\n\.\r\n\z", ".\r\n"));
        yield return At("sends a line more", IsOneOf("RETR"), (_, honest) => Changed(honest, @"(?<=\n)\.\r\n\z", "one more\r\n.\r\n"));
        yield return At(
            "sends a message again after itself",
            IsOneOf("RETR"),
            (_, honest) => Changed(honest, @"(?s)\A(\+OK\r\n)(.*)\.\r\n\z", "$1$2$2.\r\n")
        );
        yield return At("sends NUL and 8-bit", IsOneOf("RETR"), (_, honest) => Changed(honest, "This is", "\0\u00ff\u0080 is")) with
        {
            CannotBeKnown = true,
        };
        yield return At("does not double dots", IsOneOf("RETR"), (_, honest) => Changed(honest, @"(?<=\n)\.\.", "."));
        // They are as long as those that were asked for.
        yield return At("sends another message", IsOneOf("RETR"), (_, honest) => Changed(honest, @"[Ll]etter 1\b", "letter 2")) with
        {
            CannotBeKnown = true,
        };
    }

    private static IEnumerable<HostilePop3Behavior> OfDeletion()
    {
        yield return At("deletes nothing and answers +OK", IsOneOf("DELE", "QUIT"), (_, _) => Said("+OK\r\n"));
        yield return At(
            "deletes and answers -ERR some messages not removed",
            IsOneOf("QUIT"),
            (_, honest) => Said(honest()[..0], "-ERR some messages not removed\r\n")
        );
    }

    private static HostilePop3Behavior Any(string name, Func<string, Func<byte[]>, HostileAnswer> answer) => new(name, _ => true, answer);

    private static HostilePop3Behavior At(string name, Func<string, bool> applies, Func<string, Func<byte[]>, HostileAnswer> answer) =>
        new(name, applies, answer);

    private static Func<string, bool> IsOneOf(params string[] verbs) => verbs.Contains;

    private static HostileAnswer Said(params object[] parts) =>
        new([.. parts.SelectMany(part => part as byte[] ?? Encoding.Latin1.GetBytes((string)part))]);

    private static HostileAnswer Changed(Func<byte[]> honest, string from, string to) => Said(Regex.Replace(Text(honest()), from, to));

    private static string Text(byte[] answer) => Encoding.Latin1.GetString(answer);

    /// <summary>The lines between the first and the dot from the last to the first.</summary>
    private static HostileAnswer Reversed(byte[] answer, bool idsOnly = false)
    {
        var lines = Text(answer).Split("\r\n")[1..^2];
        if (Text(answer).Count(letter => letter == '\n') < 4)
            return Said(answer);
        var said = idsOnly
            ? lines.Zip(lines.Reverse(), (line, other) => $"{line.Split(' ')[0]} {other.Split(' ', 2)[1]}")
            : lines.Reverse();
        return Said("+OK\r\n", string.Concat(said.Select(line => line + "\r\n")), ".\r\n");
    }
}
