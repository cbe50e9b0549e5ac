using Xunit;

namespace Migrator.Tests.Terminal;

/// <summary>What every command shows in a terminal of one width. CONTRIBUTING.md says how to record screens again.</summary>
public abstract class ScreenTests(ScreenSession session)
{
    private const int Widest = 140;

    public static TheoryData<string> Screens => [.. ScreenScript.All.Select(scene => scene.Name)];

    [Theory]
    [MemberData(nameof(Screens))]
    public void A_screen_is_as_it_was_recorded_and_can_be_read(string name)
    {
        Assert.SkipUnless(TerminalEmulator.IsInstalled, "tmux, which is the terminal, is not installed.");
        var screen = session.Of(name);
        ScreenFile.Update(session.Width, name, screen);

        Assert.Empty(ScreenCheck.Mistakes(screen));
        Assert.Empty(ScreenCheck.BrokenWords(screen, ScreenFile.Read(Widest, name)));
        Assert.Equal(ScreenFile.Read(session.Width, name), screen.ToString());
    }
}
