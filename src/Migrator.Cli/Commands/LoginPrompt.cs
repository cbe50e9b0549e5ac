using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.Core.Identity;

namespace Migrator.Cli.Commands;

/// <summary>Shows a person what to open, and reads what is pasted. A program gets a JSON line for each.</summary>
internal sealed class LoginPrompt(CommandOutput screen, string mailbox) : ILoginPrompt
{
    // Reading a line cannot be cancelled: what one login left waiting, the next one uses.
    private static Task<string?>? s_line;

    public void ShowCode(Uri page, string code, TimeSpan validFor) =>
        screen.Say(
            new JsonLine("loginCode")
            {
                { "mailbox", mailbox },
                { "page", page.AbsoluteUri },
                { "code", code },
                { "validSeconds", (long)validFor.TotalSeconds },
            },
            $"{mailbox}: open {page.AbsoluteUri} on any device, and enter the code {code} (valid for {Format.Duration(validFor)})."
        );

    public void ShowPage(Uri page)
    {
        screen.Say(
            new JsonLine("loginPage") { { "mailbox", mailbox }, { "page", page.AbsoluteUri } },
            $"{mailbox}: open this page in a browser, and allow access:"
        );
        screen.Whole(page.AbsoluteUri);
        screen.Explain(
            "If that browser runs on another machine, its last page is not found, as it is an address of this machine "
                + "(http://127.0.0.1:...). Copy that address from the address bar, paste it here, and press Enter."
        );
    }

    public async Task<string> ReadAddressAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            s_line ??= Task.Run(Console.In.ReadLine, CancellationToken.None);
            var line = await s_line.WaitAsync(cancellationToken);
            if (line is null)
                // Nobody types: the browser of this machine may still come.
                await Task.Delay(Timeout.Infinite, cancellationToken);
            s_line = null;
            if (line!.Trim() is { Length: > 0 } address)
                return address;
        }
    }

    public void Reject(string why) => screen.Warn(why);
}
