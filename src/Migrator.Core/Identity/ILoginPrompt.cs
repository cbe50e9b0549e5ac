namespace Migrator.Core.Identity;

/// <summary>Speaks with the person who logs in.</summary>
public interface ILoginPrompt
{
    /// <summary>Shows a code to enter on a page, on any device.</summary>
    /// <param name="validFor">How long the code can be entered.</param>
    void ShowCode(Uri page, string code, TimeSpan validFor);

    /// <summary>Shows a page to open in a browser. It ends at an address of this machine.</summary>
    void ShowPage(Uri page);

    /// <summary>Reads the address that the browser ended at, where the browser runs on another machine.</summary>
    /// <returns>Never, where nobody can be asked.</returns>
    Task<string> ReadAddressAsync(CancellationToken cancellationToken);

    /// <summary>Says that an address is not the one.</summary>
    void Reject(string why);
}
