using Facility.Dashboard;
using Facility.Dashboard.Account;
using Facility.Dashboard.Live;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;
using Microsoft.JSInterop;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.RootComponents.Add<App>("#app");
builder.RootComponents.Add<HeadOutlet>("head::after");
builder.Services.AddScoped(s => new HttpClient(new AntiforgeryHandler(s.GetRequiredService<SessionRights>())) { BaseAddress = new Uri(builder.HostEnvironment.BaseAddress) });
builder.Services.AddDashboard();
await using var host = builder.Build();

// Before anything is drawn: the first picture in the browser is the one that came with the page.
var browser = (IJSInProcessRuntime)host.Services.GetRequiredService<IJSRuntime>();
host.Services.GetRequiredService<Answers>().Take(browser.Invoke<string?>("facility.known"));
host.Services.GetRequiredService<LiveConnection>().TakeKnown();
await host.RunAsync();
