using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>What broken and hostile IMAP servers do.</summary>
internal static partial class HostileBehaviors
{
    // As much again as a line may have.
    private const int Endless = 33 << 20;

    public static IReadOnlyList<HostileBehavior> All { get; } =
    [.. OfConnections(), .. OfAnswers(), .. OfFolders(), .. OfMessages(), .. OfAppends()];

    private static IEnumerable<HostileBehavior> OfConnections()
    {
        yield return Any("hangs up before the answer", (_, _) => new HostileAnswer([], HangsUp: true));
        yield return Any("hangs up after it did what was asked", (_, honest) => new HostileAnswer(honest()[..0], HangsUp: true));
        yield return Any("hangs up after a byte", (_, honest) => new HostileAnswer(honest()[..1], HangsUp: true));
        yield return Any(
            "hangs up in the middle",
            (_, honest) => honest() is var said ? new HostileAnswer(said[..(said.Length / 2)], true) : null!
        );
        yield return Any("hangs up before the last byte", (_, honest) => new HostileAnswer(honest()[..^1], HangsUp: true));
        yield return Any("hangs up before the tagged line", (_, honest) => new HostileAnswer(Parts(honest()).Untagged, HangsUp: true));
        yield return Any("hangs up after the answer", (_, honest) => new HostileAnswer(honest(), HangsUp: true));
        yield return Any("says BYE in place of the answer", (_, _) => Said("* BYE enough\r\n") with { HangsUp = true });
        yield return Any("says BYE before the answer", (_, honest) => Said("* BYE enough\r\n", honest()));
        yield return Any("says the answer byte by byte", (_, honest) => new HostileAnswer(honest()) { Piece = 1 });
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
    }

    private static IEnumerable<HostileBehavior> OfAnswers()
    {
        foreach (
            var refusal in new[]
            {
                "NO no",
                "BAD bad",
                "NO [UNAVAILABLE] later",
                "NO [LIMIT] enough",
                "NO [SERVERBUG] bug",
                "BAD [ACCESS",
                "NO",
            }
        )
        {
            yield return Any($"answers {refusal}", (command, _) => Said($"{command.Tag} {refusal}\r\n"));
            yield return Any(
                $"does what was asked and answers {refusal}",
                (command, honest) => Said(Parts(honest()).Untagged, $"{command.Tag} {refusal}\r\n")
            ) with
            {
                Lasting = DifferenceKind.Duplicate,
            };
        }
        yield return Any("answers twice", (_, honest) => honest() is var said ? Said(said, said) : null!) with
        {
            CannotBeKnown = true,
        };
        yield return Any(
            "answers another tag",
            (command, honest) => Said(Replaced(honest(), command.Tag + " ", "Z999 ")) with { HangsUp = true }
        );
        yield return Any("answers another tag first", (_, honest) => Said("Z999 OK done\r\n", honest()));
        yield return Any("asks for more", (_, honest) => Said("+ more\r\n", honest()));
        yield return Any("talks nonsense first", (_, honest) => Said("nonsense\r\n* \r\n*\r\n* 5\r\n* NOTHING AT ALL (\r\n", honest()));
        yield return Any("says NUL and 8-bit first", (_, honest) => Said("* OK \0\u00ff\u0080\r\n", honest()));
        yield return Any("ends lines with a bare LF", (_, honest) => Said(Replaced(honest(), "\r\n", "\n"))) with
        {
            CannotBeKnown = true,
            Lasting = DifferenceKind.Content,
        };
        yield return Any("says a line without end", (_, _) => Said($"* OK {new string('x', Endless)}") with { HangsUp = true });
        yield return Any("says lists in lists", (_, _) => Said($"* FLAGS {new string('(', 100_000)}\r\n") with { HangsUp = true });
        yield return Any(
            "promises a literal that never comes",
            (_, _) => Said("* LIST () \"/\" {2000000000}\r\nshort") with { HangsUp = true }
        );
        foreach (
            var said in new[]
            {
                "* 1 EXPUNGE",
                "* 4294967295 EXPUNGE",
                "* 0 EXISTS",
                "* 99 EXISTS",
                "* 1 FETCH (FLAGS (\\Deleted))",
                "* 1 FETCH (UID 4000000000 FLAGS (\\Seen))",
                "* VANISHED 1:4294967295",
                "* VANISHED (EARLIER) 1:3",
                "* SEARCH 1 2 3 4000000000",
                "* OK [UIDVALIDITY 9999] other",
                "* OK [UIDNEXT 1] first",
                "* OK [HIGHESTMODSEQ 18446744073709551615] most",
                "* OK [READ-ONLY] for now",
                "* OK [CLOSED] closed",
                "* CAPABILITY IMAP4rev1",
                "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9999)",
                "* NO [OVERQUOTA] nearly full",
            }
        )
        {
            // With a STATUS in every answer, it says all the time that there is nothing, and never was.
            var lies =
                said.Contains("EXPUNGE", StringComparison.Ordinal)
                || said.Contains("VANISHED", StringComparison.Ordinal)
                || said.Contains("STATUS", StringComparison.Ordinal);
            yield return Any($"says {said} before the answer", (_, honest) => Said($"{said}\r\n", honest())) with
            {
                CannotBeKnown = lies,
                LiesAboutAttributes = said.Contains("FLAGS", StringComparison.Ordinal),
            };
            yield return Any(
                $"says {said} in the answer",
                (_, honest) => Parts(honest()) is var parts ? Said(parts.Untagged, $"{said}\r\n", parts.Tagged) : null!
            ) with
            {
                CannotBeKnown = lies,
                LiesAboutAttributes = said.Contains("FLAGS", StringComparison.Ordinal),
            };
        }
    }

    private static IEnumerable<HostileBehavior> OfFolders()
    {
        yield return At("leaves the answer out", _ => true, (_, honest) => Said(Parts(honest()).Tagged)) with
        {
            CannotBeKnown = true,
            // What a target stored and never listed may be sent again.
            Lasting = DifferenceKind.Duplicate,
        };
        foreach (
            var item in new[]
            {
                "* LIST () \"/\" \"&\"",
                "* LIST () \"/\" \"&2D0-\"",
                "* LIST () \"/\" \"&AAA-x\"",
                "* LIST () \"/\" \"\"",
                "* LIST () \"/\" {0}\r\n",
                "* LIST () \"/\" \"///\"",
                "* LIST () NIL Work",
                "* LIST () \"\" Work",
                "* LIST (\\Noselect) \"/\" INBOX",
                "* LIST (\\NonExistent) \"/\" Work",
                "* LIST () \"/\" inbox",
                "* LIST () \"/\" \"a\0b\u00ff\"",
                "* LIST () \"/\" Work/Work/Work/Work",
            }
        )
        {
            yield return At(
                $"lists {item}",
                Is("LIST", "LSUB"),
                (_, honest) => Said(honest().Length > 0 ? $"{item}\r\n" : "", honest())
            ) with
            {
                CannotBeKnown = true,
            };
        }
        foreach (
            var (from, to) in new[]
            {
                (@"\* \d+ EXISTS\r\n", ""),
                (@"\* \d+ EXISTS", "* 0 EXISTS"),
                (@"\* \d+ EXISTS", "* 99 EXISTS"),
                (@"\* \d+ EXISTS", "* 4294967296 EXISTS"),
                (@"UIDVALIDITY \d+", "UIDVALIDITY 0"),
                (@"UIDVALIDITY \d+", "UIDVALIDITY 4294967295"),
                (@"UIDNEXT \d+", "UIDNEXT 0"),
                (@"UIDNEXT \d+", "UIDNEXT 1"),
                (@"UIDNEXT \d+", "UIDNEXT 4294967295"),
                (@"HIGHESTMODSEQ \d+", "HIGHESTMODSEQ 0"),
                (@"HIGHESTMODSEQ \d+", "HIGHESTMODSEQ 9999999999999999999"),
                (@"READ-WRITE", "READ-ONLY"),
            }
        )
            yield return Changed(from, to, Is("SELECT", "EXAMINE", "STATUS", "LIST")) with
            {
                AtSource = from != "READ-WRITE",
            };
        foreach (
            var (from, to) in new[]
            {
                (@"SEARCH.*", "SEARCH"),
                (@"SEARCH.*", "SEARCH 1"),
                (@"SEARCH ", "SEARCH 4294967295 0 "),
                (@"SEARCH ", "SEARCH 3 2 1 1 1 "),
                (@"SEARCH.*", "ESEARCH UID ALL 1:4294967295"),
                (@"SEARCH.*", "ESEARCH UID ALL 1:9"),
            }
        )
            yield return Changed(from, to, Is("UID SEARCH"));
    }

    private static IEnumerable<HostileBehavior> OfMessages()
    {
        foreach (
            var (from, to) in new[]
            {
                (@"(?<=UID )\d+", "0"),
                (@"(?<=UID )\d+", "4294967295"),
                (@"(?<=UID )\d+", "2"),
                (@"UID \d+ ?", ""),
                (@"RFC822.SIZE \d+", "RFC822.SIZE 0"),
                (@"RFC822.SIZE \d+", "RFC822.SIZE 1"),
                (@"RFC822.SIZE \d+", "RFC822.SIZE 4294967295"),
                (@"RFC822.SIZE \d+", "RFC822.SIZE 99999999999999999999"),
                (@"RFC822.SIZE \d+", "RFC822.SIZE NIL"),
                (@"INTERNALDATE ""[^""]*""", "INTERNALDATE \"02-Feb-2002 02:02:02 +0200\""),
                (@"INTERNALDATE ""[^""]*""", "INTERNALDATE NIL"),
                (@"INTERNALDATE ""[^""]*""", "INTERNALDATE \"31-Feb-0000 25:61:61 +9999\""),
                (@"(?<= )FLAGS \(", "FLAGS (\"a b\" \\ "),
                (@"(?<= )FLAGS \([^)]*\)", "FLAGS NIL"),
                (@"(?<= )FLAGS \([^)]*\)", "FLAGS (\\Answered $other)"),
                (@"^\* \d+ FETCH", "* 4294967295 FETCH"),
                (@"^\* \d+ FETCH", "* 0 FETCH"),
                (@"BODY\[\] \{", "BODY[]<0> {"),
                (@"BODY\[\] \{\d+\}", "BODY[] {2000000000}"),
                (@"BODY\[\] \{\d+\}", "BODY[] {0}"),
                (@"BODY\[\] \{\d+\}", "BODY[] {1}"),
                (@"BODY\[\] \{\d+\}", "BODY[] {-1}"),
                (@"BODY\[\] \{\d+\}", "BODY[] {99999999999999999999}"),
            }
        )
            // A date or a flag that is none is said; another UID is another message, whose content is another one.
            yield return Changed(from, to, Is("UID FETCH", "FETCH")) with
            {
                CannotBeKnown = to == "0" || to == "2",
                LiesAboutAttributes =
                    to == "0"
                    || to == "2"
                    || to.Contains("FLAGS", StringComparison.Ordinal)
                    || to.Contains("INTERNALDATE", StringComparison.Ordinal),
                // What a target stored and never returned may be sent again.
                Lasting = from.StartsWith("BODY", StringComparison.Ordinal) ? DifferenceKind.Duplicate : null,
            };
        foreach (var nothing in new[] { "NIL", "\"\"" })
            yield return At(
                $"says {nothing} for content",
                command => command.Name == "UID FETCH" && command.Arguments.Contains("BODY", StringComparison.Ordinal),
                (_, honest) => Said(WithContents(honest(), (name, _) => $"{name} {nothing}"))
            );
        yield return At(
            "cuts contents",
            command => command.Name == "UID FETCH" && command.Arguments.Contains("BODY", StringComparison.Ordinal),
            (_, honest) =>
                Said(WithContents(honest(), (name, content) => $"{name} {{{content.Length / 2}}}\r\n{content[..(content.Length / 2)]}"))
        );
        yield return At(
            "says responses in the opposite order",
            Is("UID FETCH", "FETCH"),
            (_, honest) => Said(Reordered(honest(), reverse: true))
        );
        yield return At("says every response twice", Is("UID FETCH", "FETCH"), (_, honest) => Said(Reordered(honest(), reverse: false)));
        yield return At("leaves messages out", Is("UID FETCH", "FETCH"), (_, honest) => Said(Parts(honest()).Tagged));
    }

    private static IEnumerable<HostileBehavior> OfAppends()
    {
        foreach (
            var code in new[]
            {
                "",
                "[APPENDUID] ",
                "[APPENDUID 0 0] ",
                "[APPENDUID {v} 0] ",
                "[APPENDUID {v} 1] ",
                "[APPENDUID 7777 {u}] ",
                "[APPENDUID {v} 4000000000] ",
                "[APPENDUID {v} 4294967296] ",
                "[APPENDUID {v} 1:4294967295] ",
                "[APPENDUID {v} {u}:*] ",
                "[APPENDUID {v} {u},{u},{u}] ",
                "[APPENDUID {v} x] ",
                "[APPENDUID {v} ",
                "[TRYCREATE] ",
            }
        )
            yield return AtAppend(
                $"answers OK {code}",
                (command, honest) =>
                {
                    var said = AppendUid().Match(Encoding.Latin1.GetString(honest()));
                    var (validity, uid) = said.Success ? (said.Groups[1].Value, said.Groups[2].Value) : ("1", "1");
                    return Said($"{command.Tag} OK {code.Replace("{v}", validity).Replace("{u}", uid)}done\r\n");
                }
            ) with
            {
                Lasting = DifferenceKind.Content,
            };
        yield return AtAppend("stores nothing and answers OK", (command, _) => Said($"{command.Tag} OK done\r\n"));
        yield return AtAppend(
            "stores every message twice",
            (command, honest) =>
            {
                command.Session.Do(command);
                return Said("* OK twice\r\n", honest());
            }
        ) with
        {
            Lasting = DifferenceKind.Duplicate,
        };
        yield return AtAppend(
            "refuses several at once",
            (command, honest) => command.Literals.Count > 1 ? Said($"{command.Tag} BAD one by one\r\n") : Said(honest())
        );
        yield return AtAppend(
            "stores the first of several and refuses",
            (command, _) =>
            {
                command.Session.Do(
                    command with
                    {
                        Arguments = command.Arguments[..(command.Arguments.IndexOf("{0}", StringComparison.Ordinal) + 3)],
                    }
                );
                return Said($"{command.Tag} NO no\r\n");
            }
        ) with
        {
            Lasting = DifferenceKind.Duplicate,
        };
    }

    private static HostileBehavior Any(string name, Func<ScriptedCommand, Func<byte[]>, HostileAnswer> answer) =>
        new(name, command => command.Name is not "LOGOUT", answer);

    private static HostileBehavior At(
        string name,
        Func<ScriptedCommand, bool> applies,
        Func<ScriptedCommand, Func<byte[]>, HostileAnswer> answer
    ) => new(name, applies, answer);

    private static HostileBehavior AtAppend(string name, Func<ScriptedCommand, Func<byte[]>, HostileAnswer> answer) =>
        new($"APPEND: {name}", Is("APPEND"), answer) { AtSource = false };

    private static HostileBehavior Changed(string from, string to, Func<ScriptedCommand, bool> applies) =>
        new(
            $"says {to} for {from}",
            applies,
            (_, honest) => Said(Regex.Replace(Encoding.Latin1.GetString(honest()), from, to, RegexOptions.Multiline))
        );

    private static Func<ScriptedCommand, bool> Is(params string[] names) => command => names.Contains(command.Name);

    private static HostileAnswer Said(params object[] parts) =>
        new([.. parts.SelectMany(part => part as byte[] ?? Encoding.Latin1.GetBytes((string)part))]);

    private static byte[] Replaced(byte[] answer, string from, string to) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(answer).Replace(from, to, StringComparison.Ordinal));

    /// <summary>What comes before the last line, and the last line.</summary>
    private static (byte[] Untagged, byte[] Tagged) Parts(byte[] answer)
    {
        var last = answer.Length < 2 ? 0 : answer.AsSpan(0, answer.Length - 2).LastIndexOf((byte)'\n') + 1;
        return (answer[..last], answer[last..]);
    }

    private static string WithContents(byte[] answer, Func<string, string, string> change)
    {
        var (text, changed, at) = (Encoding.Latin1.GetString(answer), new StringBuilder(), 0);
        foreach (Match literal in Content().Matches(text))
        {
            if (literal.Index < at)
                continue;
            var (begin, length) = (literal.Index + literal.Length, int.Parse(literal.Groups[2].Value, CultureInfo.InvariantCulture));
            changed.Append(text, at, literal.Index - at).Append(change(literal.Groups[1].Value, text.Substring(begin, length)));
            at = begin + length;
        }
        return changed.Append(text, at, text.Length - at).ToString();
    }

    private static byte[] Reordered(byte[] answer, bool reverse)
    {
        var (untagged, tagged) = Parts(answer);
        var responses = Response().Split(Encoding.Latin1.GetString(untagged)).Where(response => response.Length > 0).ToList();
        var said = reverse ? Enumerable.Reverse(responses) : responses.Concat(responses);
        return [.. Encoding.Latin1.GetBytes(string.Concat(said)), .. tagged];
    }

    [GeneratedRegex(@"\[APPENDUID (\d+) (\d+)")]
    private static partial Regex AppendUid();

    [GeneratedRegex(@"(BODY\[[^\]]*\]) \{(\d+)\}\r\n")]
    private static partial Regex Content();

    [GeneratedRegex(@"(?=^\* \d+ FETCH )", RegexOptions.Multiline)]
    private static partial Regex Response();
}
