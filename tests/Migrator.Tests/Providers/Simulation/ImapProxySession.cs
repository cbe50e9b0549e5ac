using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>One connection through an <see cref="ImapProxy"/>: one command after the other, each answered before the next is read.
/// A personality overrides what it does otherwise.</summary>
internal abstract partial class ImapProxySession(ImapProxy proxy, ImapWire client, ImapWire server)
{
    private static readonly string[] s_uses = ["\\All", "\\Drafts", "\\Sent", "\\Junk", "\\Flagged", "\\Trash", "\\Archive"];

    private int _own;
    private bool _muted;
    private string _continuation = "";

    /// <summary>Who has logged in; null before.</summary>
    protected string? User { get; private set; }

    /// <summary>The folder that is open, by the name of the wire.</summary>
    protected string? Selected { get; private set; }

    /// <summary>The longest literal that may be sent without being asked for (RFC 7888); none at all where 0.</summary>
    protected virtual long LongestUnasked => long.MaxValue;

    /// <summary>What is said instead of a greeting before the connection is closed, empty for nothing; null to serve it.</summary>
    protected virtual string? Refusal => null;

    /// <summary>What follows <c>* OK</c>.</summary>
    protected virtual string Greeting(string said) => said;

    /// <param name="said">By the server behind.</param>
    protected virtual string Capabilities(string said, bool loggedIn) => said;

    /// <summary>An untagged response on its way to the client; null to leave it out.</summary>
    protected virtual ImapUnit? Rewrite(ImapCommand command, ImapUnit response) => response;

    /// <summary>What follows the tag.</summary>
    protected virtual string RewriteTagged(ImapCommand command, string answer) => answer;

    /// <summary>After the login was taken, before it is answered.</summary>
    protected virtual Task LoggedInAsync() => proxy.OpenMailboxAsync(User!);

    /// <summary>Flags that are kept; null for all.</summary>
    protected virtual IReadOnlyList<string>? Keeps => null;

    /// <summary>As an argument of a command.</summary>
    protected string Kept(IEnumerable<string> flags) =>
        $"({string.Join(' ', Keeps is null ? flags : flags.Where(flag => Keeps.Contains(flag, StringComparer.OrdinalIgnoreCase)))})";

    /// <summary>What FLAGS and PERMANENTFLAGS say of the flags that are kept.</summary>
    /// <returns>Null for another response.</returns>
    protected ImapUnit? FlagsSaid(ImapCommand command, string first) =>
        first.StartsWith("* FLAGS ", StringComparison.Ordinal) ? ImapUnit.Of($"* FLAGS {Kept(Keeps!)}")
        : first.StartsWith("* OK [PERMANENTFLAGS ", StringComparison.Ordinal)
            ? ImapUnit.Of($"* OK [PERMANENTFLAGS {(command.Name == "EXAMINE" ? "()" : Kept(Keeps!))}] Permanent flags")
        : null;

    /// <summary>An item of LIST, LSUB or STATUS under the name that clients see; folders that every mailbox has, with their use.</summary>
    protected ImapUnit Listed(ImapUnit response, Func<string, string> shown)
    {
        var words = ImapToken.Read(response);
        if (words[1].Text == "STATUS")
            return ImapUnit.Of($"* STATUS {ImapToken.Quote(shown(words[2].Text))} ({string.Join(' ', words[3].Words)})");
        var name = words[4].Text;
        var use = proxy.MailboxFolders.Where(own => own.Name == name && own.Use.Length > 0).Select(own => own.Use);
        return ImapUnit.Of(
            $"* {words[1].Text} ({string.Join(' ', words[2].Words.Except(s_uses).Concat(use))}) \"{words[3].Text}\" "
                + ImapToken.Quote(shown(name))
        );
    }

    /// <summary>Whether an APPEND has one message, and nothing after it.</summary>
    protected static bool AppendsOne(ImapCommand command) =>
        command.Rest.Literals.Count - (command.Rest.First.Trim().Length == 0 ? 1 : 0) == 1;

    /// <summary>An APPEND of one message, handed on.</summary>
    /// <param name="folder">By the name that the server behind knows.</param>
    protected Task AppendAsync(ImapCommand command, string folder, Func<IEnumerable<string>, IEnumerable<string>> flags)
    {
        var given = command.Arguments.FirstOrDefault(argument => argument.List is not null)?.Words ?? [];
        var date = command.Arguments.Skip(1).SkipLast(1).FirstOrDefault(argument => argument.List is null)?.Text;
        return PassAsync(
            command,
            new ImapUnit(
                [$"{command.Tag} APPEND {ImapToken.Quote(folder)} {Kept(flags(given))} " + (date is null ? "" : $"\"{date}\" "), ""],
                [command.Rest.Literals[^1]]
            )
        );
    }

    protected virtual Task HandleAsync(ImapCommand command) => PassAsync(command, command.Unit);

    public async Task RunAsync()
    {
        if (Refusal is { } refusal)
        {
            if (refusal.Length > 0)
                await SayAsync(refusal);
            return;
        }
        var greeting = (await server.ReadAsync())?.First ?? throw new IOException("No greeting.");
        await SayAsync($"* OK {Greeting(CapabilityCode().Replace(greeting["* OK ".Length..], ""))}");
        while (await client.ReadAsync() is { } unit)
        {
            var command = ImapCommand.Of(unit);
            var fault = proxy.FaultOf(command, out var instead);
            if (fault is null or { Afterwards: true })
            {
                _muted = fault is not null;
                await HandleAsync(command);
                _muted = false;
            }
            if (fault is not null)
            {
                if (instead == ProxyFault.Drop)
                    return;
                if (instead[0] == ProxyFault.Bare)
                {
                    await SayAsync(instead[1..]);
                    return;
                }
                await SayAsync(instead.StartsWith('*') ? instead : $"{command.Tag} {instead}");
                if (instead.StartsWith("* BYE", StringComparison.Ordinal))
                    return;
            }
            if (command.Name == "LOGOUT")
                return;
        }
    }

    public async Task LiteralAsync(long length, bool waits)
    {
        if (waits)
            await SayAsync("+ go ahead");
        else if (length > LongestUnasked)
        {
            await SayAsync("* BYE A literal that long has to be asked for (RFC 7888).");
            throw new IOException("The client sent what it must ask for.");
        }
    }

    /// <summary>Has the server behind execute a command, and hands its answers on.</summary>
    protected async Task PassAsync(ImapCommand command, ImapUnit unit)
    {
        var tagged = await ExecuteAsync(
            command,
            unit,
            async response =>
            {
                if (Rewrite(command, response) is { } passed)
                    await SayAsync(passed);
            }
        );
        await EndAsync(command, tagged);
    }

    /// <summary>The same in parts: what is said before the answer proper.</summary>
    /// <returns>What follows the tag.</returns>
    protected async Task<string> ExecuteAsync(ImapCommand command, ImapUnit unit, Func<ImapUnit, Task> take)
    {
        await server.WriteAsync(unit.ToBytes(toServer: true));
        while (await server.ReadAsync() is { } response)
        {
            if (response.First.StartsWith('+'))
            {
                await SayAsync(response.First);
                _continuation = await client.ReadLineAsync() ?? throw new IOException("The client hung up.");
                await server.WriteLineAsync(_continuation);
            }
            else if (response.First.StartsWith("* CAPABILITY ", StringComparison.OrdinalIgnoreCase))
            {
                // With the answer to a login, it is news of the server behind.
                if (command.Name == "CAPABILITY")
                    await take(
                        response.WithFirst("* CAPABILITY " + Capabilities(response.First["* CAPABILITY ".Length..], User is not null))
                    );
            }
            else if (response.First.StartsWith(command.Tag + " ", StringComparison.Ordinal))
            {
                var answer = CapabilityCode().Replace(response.Text[(command.Tag.Length + 1)..], "");
                await NoteAsync(command, answer.StartsWith("OK", StringComparison.Ordinal));
                return answer;
            }
            else
                await take(response);
        }
        throw new IOException("The server behind hung up.");
    }

    protected Task EndAsync(ImapCommand command, string answer) => SayAsync($"{command.Tag} {RewriteTagged(command, answer)}");

    /// <summary>A command of the simulation's own in this session.</summary>
    /// <returns>Untagged responses; what is news to the client (EXISTS, EXPUNGE) is handed on and not among them.</returns>
    protected async Task<List<ImapUnit>> AskAsync(ImapCommand onBehalf, string text)
    {
        var tag = $"own{++_own}";
        await server.WriteLineAsync($"{tag} {text}");
        var responses = new List<ImapUnit>();
        while (await server.ReadAsync() is { } response)
        {
            if (response.First.StartsWith(tag + " ", StringComparison.Ordinal))
                return response.First.StartsWith($"{tag} OK", StringComparison.Ordinal)
                    ? responses
                    : throw new InvalidOperationException($"{text}: {response.Text}");
            if (!News().IsMatch(response.First))
                responses.Add(response);
            else if (Rewrite(onBehalf, response) is { } passed)
                await SayAsync(passed);
        }
        throw new IOException("The server behind hung up.");
    }

    protected Task SayAsync(string line) => SayAsync(ImapUnit.Of(line));

    protected Task SayAsync(ImapUnit unit) => _muted ? Task.CompletedTask : client.WriteAsync(unit.ToBytes(toServer: false));

    private async Task NoteAsync(ImapCommand command, bool done)
    {
        switch (command.Name)
        {
            case "SELECT" or "EXAMINE":
                Selected = done ? command.Folder : null;
                break;
            case "CLOSE" or "UNSELECT" when done:
                Selected = null;
                break;
            case "LOGIN" when done:
                User = command.Folder;
                await LoggedInAsync();
                break;
            case "AUTHENTICATE" when done:
                var said = Encoding.UTF8.GetString(
                    Convert.FromBase64String(command.Arguments.Count > 1 ? command.Arguments[1].Text : _continuation)
                );
                User = said.StartsWith("user=", StringComparison.Ordinal) ? said[5..said.IndexOf('\x01')] : said.Split('\0')[1];
                await LoggedInAsync();
                break;
        }
    }

    [GeneratedRegex(@"\[CAPABILITY [^\]]*\] ?")]
    private static partial Regex CapabilityCode();

    [GeneratedRegex(@"^\* \d+ (?:EXISTS|EXPUNGE|RECENT)\b|^\* VANISHED")]
    private static partial Regex News();
}
