"""The Appearance API, as it reaches the fields inside the frame."""

from .js_support import checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture


async def style(locator, name):
    return await locator.evaluate("(node, name) => getComputedStyle(node).getPropertyValue(name)", name)


async def test_variables_reach_the_fields(checkout):
    variables = {
        "colorBackground": "#102030",
        "colorText": "#fdf6e3",
        "borderRadius": "11px",
        "fontFamily": "Georgia, serif",
        "fontSizeBase": "18px",
        "spacingUnit": "5px",
    }
    await checkout.open(elements={"appearance": {"variables": variables}})
    number = checkout.field("number")
    wanted = {
        "background-color": "rgb(16, 32, 48)",
        "color": "rgb(253, 246, 227)",
        "border-top-left-radius": "11px",
        "font-family": "Georgia, serif",
        "font-size": "18px",
        "padding-left": "15px",
    }
    assert {name: await style(number, name) for name in wanted} == wanted


async def test_rules_reach_the_classes_they_name(checkout):
    rules = {
        ".Input": {"borderWidth": "3px"},
        ".Input--invalid": {"backgroundColor": "rgb(255, 238, 238)"},
        ".Input:focus": {"borderColor": "rgb(1, 2, 3)"},
        ".Label": {"textTransform": "uppercase"},
        ".AccordionItem": {"boxShadow": "none"},
        ".Error": {"fontWeight": "700"},
    }
    await checkout.open(elements={"appearance": {"rules": rules, "disableAnimations": True}})
    await checkout.press_pay()
    await checkout.answer()
    number = checkout.frame.locator("[name=number]:focus")
    assert await style(number, "border-top-width") == "3px"
    assert await style(number, "background-color") == "rgb(255, 238, 238)"
    assert await style(number, "border-top-color") == "rgb(1, 2, 3)"
    assert await style(checkout.frame.get_by_text("Card number", exact=True), "text-transform") == "uppercase"
    assert await style(checkout.frame.locator(".AccordionItem").first, "box-shadow") == "none"
    assert await style(checkout.frame.locator("#Field-numberError"), "font-weight") == "700"


async def test_a_rule_cannot_reach_beyond_the_public_classes(checkout):
    rules = {"body, .Input": {"display": "none"}, ".Input { } body": {"display": "none"}}
    await checkout.open(elements={"appearance": {"rules": rules}})
    assert await checkout.field("number").is_visible()


async def test_an_update_turns_a_filled_form_dark_and_keeps_what_was_typed(checkout):
    await checkout.open()
    await checkout.field("number").fill("4242")
    light = await style(checkout.field("number"), "background-color")
    await checkout.page.evaluate("elements.update({ appearance: { theme: 'night' } })")
    assert await style(checkout.field("number"), "background-color") != light
    assert await checkout.field("number").input_value() == "4242"
    assert await style(checkout.field("country"), "color-scheme") == "dark"


async def test_a_dark_visitor_sees_what_the_page_chose(checkout):
    await checkout.page.emulate_media(color_scheme="dark")
    await checkout.open()
    assert await style(checkout.field("number"), "background-color") == "rgb(255, 255, 255)"


async def test_the_frame_stays_transparent_on_a_dark_page(checkout):
    await checkout.page.emulate_media(color_scheme="dark")
    await checkout.open()
    await checkout.page.evaluate("document.body.className = 'dark'")
    assert await style(checkout.page.locator("iframe"), "color-scheme") == "light"
    assert await style(checkout.frame.locator("html"), "color-scheme") == "light"
    assert await style(checkout.frame.locator("html"), "background-color") == "rgba(0, 0, 0, 0)"
