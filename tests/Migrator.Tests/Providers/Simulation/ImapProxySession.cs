using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>One connection through an <see cref="ImapProxy"/>: one command after the other, each answered before the next is read.
/// A personality overrides what it does otherwise.</summary>
internal abstract partial class ImapProxySession(ImapProxy proxy, ImapWire client, ImapWire server)
{
    private int _own;
    private bool _muted;
    private string _continuation = "";

    /// <summary>Who has logged in; null before.</summary>
    protected string? User { get; private set; }

    /// <summary>The folder that is open, by the name of the wire.</summary>
    protected string? Selected { get; private set; }

    /// <summary>The longest literal that may be sent without being asked for (RFC 7888); none at all where 0.</summary>
    protected virtual long LongestUnasked => long.MaxValue;

    /// <summary>What follows <c>* OK</c>.</summary>
    protected virtual string Greeting(string said) => said;

    /// <param name="said">By the server behind.</param>
    protected virtual string Capabilities(string said, bool loggedIn) => said;

    /// <summary>An untagged response on its way to the client; null to leave it out.</summary>
    protected virtual ImapUnit? Rewrite(ImapCommand command, ImapUnit response) => response;

    /// <summary>What follows the tag.</summary>
    protected virtual string RewriteTagged(ImapCommand command, string answer) => answer;

    /// <summary>After the login was taken, before it is answered.</summary>
    protected virtual Task LoggedInAsync() => Task.CompletedTask;

    protected virtual Task HandleAsync(ImapCommand command) => PassAsync(command, command.Unit);

    public async Task RunAsync()
    {
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
